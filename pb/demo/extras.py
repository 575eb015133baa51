"""What the town's people say and do around the ideas: places, themes, neighbours, comments, news of the work."""

# Title: theme, place in words, and the point on the map (WGS 84 degrees) or None.
PLACES = {
    "Pappilan riihen kesäteatteri: esteetön katsomo": ("arts", "Pappilan riihi", ("61.081", "25.012")),
    "Kylän tarinat -äänipolku Pääjärven rantaan": ("nature", "Pääjärven rantapolku", ("61.066", "25.088")),
    "Soitinlainaamo Lammin kirjastoon": ("learning", "Lammin kirjasto", ("61.079", "25.018")),
    "Lasten sirkusviikko koululla": ("play", "Lammin koulu", ("61.084", "25.025")),
    "Pihakonsertit palvelutaloihin": ("arts", "Palvelutalojen pihat", None),
    "Lavatanssit torilla neljänä iltana": ("meeting", "Lammin tori", ("61.080", "25.016")),
    "Kylätalon näyttämövalot": ("arts", "Hauhon kylätalo", ("61.174", "24.562")),
    "Vanhan raitin valokuvanäyttely": ("streets", "Hauhon vanha raitti", ("61.171", "24.558")),
    "Kuorojen yhteinen joulukonsertti": ("arts", "Hauhon kirkko", ("61.169", "24.566")),
    "Elokuvailta kerran kuussa": ("meeting", "Hauhon kylätalo", ("61.175", "24.561")),
    "Härkätien tarinakävelyt": ("nature", "Härkätie", ("60.893", "24.283")),
    "Digilaitteet etäkonsertteihin": ("learning", "Rengon kirjasto", ("60.896", "24.290")),
    "Nuorten bänditilan rummut": ("arts", "Rengon nuorisotila", ("60.891", "24.296")),
    "Seinämaalaus Kalvolan koululle": ("streets", "Kalvolan koulu", ("61.098", "24.122")),
    "Iittalan lasipaja lapsille": ("learning", "Iittalan lasimäki", ("61.087", "24.139")),
    "Pannujärven uimarannan konsertti": ("nature", "Pannujärven uimaranta", ("61.071", "24.801")),
    "Avoin kuvataidepaja lauantaisin": ("arts", "Pääkirjasto", ("60.996", "24.462")),
    "Rannan taidepenkit": ("streets", "Vanajaveden ranta", ("61.001", "24.468")),
    "Katusoittajien lava torille": ("streets", "Kauppatori", ("60.995", "24.464")),
    "Runokävely kirjastolta satamaan": ("streets", "Kirjastolta satamaan", ("60.998", "24.459")),
    "Nuorten oma festivaali": ("meeting", "Linnanpuisto", ("61.003", "24.455")),
    "Valojuhla Vanajaveden rannalla": ("meeting", "Vanajaveden ranta", ("61.002", "24.471")),
}
NEIGHBOURS = [
    "Aino Salmi",
    "Bertta Koski",
    "Eino Mäki",
    "Farah Ali",
    "Gunnar Lind",
    "Helmi Laakso",
    "Ilkka Suo",
    "Jenni Aalto",
]
# Title, which neighbour, what they say, and what the service answers or None.
COMMENTS = [
    ("Kylän tarinat -äänipolku Pääjärven rantaan", 0,
     "Äitini muistaa, missä vanha uimakoppi oli. Saako hänen tarinansa mukaan?",
     "Saa. Tarinailtoja pidetään huhtikuussa, ja tarinan voi äänittää myös kotona."),
    ("Kylän tarinat -äänipolku Pääjärven rantaan", 3, "Voisiko osan kuunnella somaliksi?", None),
    ("Rannan taidepenkit", 2, "Penkkeihin selkänojat, kiitos. Pelkällä tasolla ei jaksa istua.",
     "Hyvä huomio. Arviossa on nyt penkit, joissa on selkänoja."),
    ("Soitinlainaamo Lammin kirjastoon", 5, "Meillä olisi haitari lahjoitettavaksi.", None),
    ("Nuorten oma festivaali", 7, "Bussi kotiin illalla, muuten Rengosta ei pääse.", None),
]  # fmt: skip
SWEDISH = {  # what the service has translated so far
    "round": {"title": "Kultur för alla 2027",
              "summary": "Du bestämmer hur kulturens 150 000 euro används. Alla invånare som fyllt 12 år får rösta. "
                         "Det här är kulturtjänsternas försök."},
    "Koko kaupunki": "Hela staden",
    "Kesän avajaiset": "Sommarens öppning",
    "Rannan taidepenkit": "Konstbänkar vid stranden",
    "Soitinlainaamo Lammin kirjastoon": "Instrumentutlåning på Lammi bibliotek",
    "Nuorten oma festivaali": "De ungas egen festival",
    "Kulttuuribussi: kyyti esitykseen joka kylästä": "Kulturbuss: skjuts till föreställningen från varje by",
    "Valojuhla Vanajaveden rannalla": "Ljusfest vid Vanajavesi strand",
}  # fmt: skip
# Title: state, what happened, euros spent, days from now until it is ready; told of those that voters chose.
NEWS = {
    "Soitinlainaamo Lammin kirjastoon": (
        "done",
        "Soittimet on hankittu, ja niitä voi lainata kirjastokortilla.",
        3_480,
        None,
    ),
    "Lasten lukupiiri somaliksi": ("under way", "Ensimmäiset kolme kokoontumista on pidetty.", 900, 120),
    "Seinämaalaus Kalvolan koululle": ("planned", "Taiteilija on valittu. Työ alkaa, kun maa on sula.", 0, 160),
    "Katusoittajien lava torille": ("planned", "Lavan paikka on sovittu torin laidalle.", 0, 190),
}
