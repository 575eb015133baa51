"""The town's words, in Finnish: invented areas' numbers, people, ideas and answers."""

CITY = "Vanajaniemi"
TITLE = "Kulttuuria kaikille 2027"
SUMMARY = (
    "Sinä päätät, mihin kulttuurin 150 000 euroa käytetään. Äänestää voi jokainen 12 vuotta täyttänyt asukas. "
    "Tämä on kulttuuripalvelujen kokeilu."
)
# Area: residents, and the corners of an invented boundary in WGS 84 degrees.
AREAS = {
    "Keskusta": (14_120, [(24.38, 60.98), (24.50, 60.98), (24.52, 61.05), (24.40, 61.06), (24.38, 60.98)]),
    "Lammi": (5_370, [(24.90, 61.02), (25.12, 61.02), (25.14, 61.16), (24.94, 61.18), (24.90, 61.02)]),
    "Hauho": (3_610, [(24.44, 61.12), (24.72, 61.12), (24.74, 61.26), (24.46, 61.28), (24.44, 61.12)]),
    "Renko": (2_260, [(24.18, 60.84), (24.40, 60.84), (24.42, 60.96), (24.20, 60.98), (24.18, 60.84)]),
    "Kalvola": (2_980, [(24.02, 61.04), (24.24, 61.04), (24.26, 61.16), (24.04, 61.18), (24.02, 61.04)]),
    "Tuulos": (1_480, [(24.72, 61.02), (24.88, 61.02), (24.90, 61.12), (24.74, 61.14), (24.72, 61.02)]),
}
WHOLE_CITY, SUMMER = "Koko kaupunki", "Kesän avajaiset"
SERVICES = {
    "Kulttuuripalvelut": ("Sanna Mäkelä", "sanna.makela@vanajaniemi.example", "03 555 0100"),
    "Kirjastopalvelut": ("Elina Korpi", "elina.korpi@vanajaniemi.example", "03 555 0120"),
    "Nuorisopalvelut": ("Timo Ranta", "timo.ranta@vanajaniemi.example", "03 555 0140"),
}
BODIES = {
    "Kaupunginvaltuusto": "council",
    "Lähidemokratiajaosto": "local",
    "Lammin aluetoimikunta": "area",
    "Nuorisovaltuusto": "participation",
    "Osallisuustyöryhmä": "working group",
}
# Role: name, and what the appointment is for (a service, a body, or None: the whole city).
PEOPLE = {
    "resident": ("Raija Rantanen", None),
    "estimator": ("Timo Ranta", "Kulttuuripalvelut"),
    "officer": ("Sanna Mäkelä", "Kulttuuripalvelut"),
    "second officer": ("Olli Hakala", "Kulttuuripalvelut"),
    "clerk": ("Kaisa Lehto", "Kulttuuripalvelut"),
    "councillor": ("Matti Niemi", "Kaupunginvaltuusto"),
    "secretary": ("Liisa Aho", "Lähidemokratiajaosto"),
    "coordinator": ("Elina Korpi", None),
    "auditor": ("Juhani Salo", None),
    "administrator": ("Pekka Laine", None),
}
# Where, title, what and why, cost in euros, what the estimate says.
PROJECTS = [
    ("Lammi", "Pappilan riihen kesäteatteri: esteetön katsomo",
     "Katsomoon tehdään luiska, kaksi pyörätuolipaikkaa ja kaide.", 6_900, "Luiska 4 200 €, kaide ja paikat 2 700 €."),
    ("Lammi", "Kylän tarinat -äänipolku Pääjärven rantaan",
     "Kahdeksan pysähdystä, joissa lammilaiset kertovat tarinan omalla äänellään.", 7_400,
     "Tolpat ja kaiuttimet 4 400 €, äänitys 1 800 €, asennus 1 200 €."),
    ("Lammi", "Soitinlainaamo Lammin kirjastoon",
     "Kannel, ukuleleja, rumpuja ja haitari lainattavaksi kirjastokortilla.", 3_600, "Soittimet ja säilytyskaapit."),
    ("Lammi", "Lasten sirkusviikko koululla",
     "Viisi iltapäivää sirkusta 7–12-vuotiaille. Maksuton, välineet annetaan.", 6_500, "Kaksi ohjaajaa ja välineet."),
    ("Lammi", "Pihakonsertit palvelutaloihin", "Kuusi konserttia palvelutalojen pihoilla touko–elokuussa.", 4_200,
     "Esiintyjät 700 € kerralta."),
    ("Lammi", "Lavatanssit torilla neljänä iltana", "Elävä orkesteri ja puolen tunnin tanssiopetus ennen tansseja.",
     5_200, "Orkesteri 1 100 € illalta, äänentoisto 800 €."),
    ("Hauho", "Kylätalon näyttämövalot", "Kylätalolle valot, joita kaikki yhdistykset saavat käyttää.", 4_800,
     "Valot 3 900 €, sähkötyöt 900 €."),
    ("Hauho", "Vanhan raitin valokuvanäyttely", "Raitin taloista vanhat kuvat pihojen aitoihin kesäksi.", 2_900,
     "Kuvien tulostus säänkestävinä ja telineet."),
    ("Hauho", "Kuorojen yhteinen joulukonsertti", "Kaikki Hauhon kuorot samaan konserttiin. Vapaa pääsy.", 3_300,
     "Säestäjä, tila ja ohjelmat."),
    ("Hauho", "Elokuvailta kerran kuussa", "Elokuva kylätalolla joka kuun viimeisenä perjantaina.", 5_600,
     "Esitysoikeudet 380 € kerralta ja valkokangas."),
    ("Renko", "Härkätien tarinakävelyt", "Kuusi opastettua kävelyä. Yksi kävely on selkosuomeksi.", 2_400,
     "Oppaat ja matkat."),
    ("Renko", "Digilaitteet etäkonsertteihin", "Rengon kirjastossa voi katsoa kaupungin konsertteja yhdessä.", 3_900,
     "Näyttö, kaiuttimet ja kamera."),
    ("Renko", "Nuorten bänditilan rummut", "Bänditilaan rummut, joita saa soittaa ilmaiseksi.", 3_100,
     "Rumpusetti ja äänieristys."),
    ("Kalvola", "Seinämaalaus Kalvolan koululle", "Oppilaat suunnittelevat maalauksen taiteilijan kanssa.", 6_800,
     "Taiteilija 4 500 €, maalit ja telineet 2 300 €."),
    ("Kalvola", "Iittalan lasipaja lapsille", "Kuusi pajaa, joissa lapsi puhaltaa oman lasin.", 4_600,
     "Pajan vuokra ja ohjaus."),
    ("Kalvola", "Kesäkahvilan runoillat", "Avoin lava neljänä torstaina heinäkuussa.", 1_700, "Äänentoisto ja juontaja."),
    ("Tuulos", "Pannujärven uimarannan konsertti", "Yksi iltakonsertti rannalla elokuussa.", 2_800,
     "Esiintyjä, lava ja järjestyksenvalvonta."),
    ("Tuulos", "Kansantanssin alkeet koko perheelle", "Kymmenen kertaa koulun salissa. Saa tulla kesken kauden.", 1_900,
     "Ohjaaja ja salivuorot."),
    ("Tuulos", "Tarinatuokiot muistisairaille", "Kerran kuussa päiväkeskuksessa, musiikkia ja muisteluita.", 1_600,
     "Ohjaaja 130 € kerralta."),
    ("Keskusta", "Avoin kuvataidepaja lauantaisin", "Ohjattu paja kirjastolla 20 lauantaina. Voi tulla ilmoittautumatta.",
     11_800, "Ohjaus 8 600 €, tarvikkeet 3 200 €."),
    ("Keskusta", "Lasten lukupiiri somaliksi", "Lukupiiri kahdesti kuussa kirjastossa, kirjat saa kotiin.", 5_400,
     "Ohjaaja ja kirjat."),
    ("Keskusta", "Rannan taidepenkit", "Kuusi penkkiä, jotka paikalliset taiteilijat ovat maalanneet.", 14_500,
     "Penkit 9 000 €, taiteilijoiden palkkiot 5 500 €."),
    ("Keskusta", "Ilmainen museopäivä joka kuukausi", "Kaikkiin museoihin pääsee ilmaiseksi kuun ensimmäisenä sunnuntaina.",
     18_000, "Menetetyt lipputulot 1 500 € kuussa."),
    ("Keskusta", "Katusoittajien lava torille", "Pieni katettu lava, jonka voi varata puhelimella.", 9_700,
     "Lava 7 900 €, varausjärjestelmä 1 800 €."),
    ("Keskusta", "Runokävely kirjastolta satamaan", "Runoja jalkakäytävissä kahden kilometrin matkalla.", 6_300,
     "Maalaus ja oikeudet."),
    (WHOLE_CITY, "Kulttuuribussi: kyyti esitykseen joka kylästä", "24 kyytiä vuodessa teatteriin, konserttiin tai museoon.",
     12_000, "500 € kyydiltä."),
    (WHOLE_CITY, "Selkokielinen museo-opas ja viitotut kierrokset", "Opas kolmeen museoon ja kuusi viitottua kierrosta.",
     8_500, "Tekstit 4 000 €, taitto ja paino 2 700 €, tulkit 1 800 €."),
    (WHOLE_CITY, "Nuorten oma festivaali", "Nuoret suunnittelevat ja järjestävät päivän festivaalin linnanpuistoon.", 15_000,
     "Lava ja tekniikka 9 000 €, esiintyjät 6 000 €."),
    (WHOLE_CITY, "Taidelainaamo kaikkiin kirjastoihin", "Lainaa paikallisen taiteilijan teos kotiin kolmeksi kuukaudeksi.",
     9_000, "Vuokrat taiteilijoille ja vakuutus."),
    (WHOLE_CITY, "Muistikahvilat museoissa", "Kerran kuussa kahvihetki muistisairaille ja läheisille.", 6_000,
     "Ohjaaja ja kahvit neljässä museossa."),
    (SUMMER, "Valojuhla Vanajaveden rannalla", "Lyhtyjä, musiikkia ja yhteinen kulkue iltahämärässä.", 20_000,
     "Tekniikka, esiintyjät ja turvallisuus."),
    (SUMMER, "Kylien yhteinen pitkä pöytä", "Kilometrin mittainen pöytä, johon jokainen kylä tuo ruokaa ja ohjelmaa.",
     16_500, "Pöydät, lava ja kuljetukset."),
    (SUMMER, "Lasten kulkue ja sirkus", "Päiväkodit ja koulut kulkevat torille, jossa odottaa sirkus.", 18_000,
     "Sirkus 11 000 €, kulkue 7 000 €."),
    (SUMMER, "Yhteislaulu torilla", "Kuorot ja orkesteri johdattavat koko torin laulamaan.", 9_500,
     "Orkesteri ja äänentoisto."),
]  # fmt: skip
INFEASIBLE = [
    ("Hauho", "Uusi konserttitalo Hauholle", "Hauholle rakennetaan 300-paikkainen konserttitalo.",
     "Talo maksaisi yli viisi miljoonaa euroa. Kierroksen raha ei riitä, eikä tonttia ole kaavassa."),
    ("Keskusta", "Teatterin liput puoleen hintaan", "Kaikki teatterin liput puoleen hintaan koko vuodeksi.",
     "Teatteri on oma yhtiönsä. Kaupunki ei päätä sen hinnoista."),
]  # fmt: skip
REFUSED = [
    ("Lammi", "Myydään vanha harmonini kaupungille", "Minulla on harmoni, jonka kaupunki voisi ostaa.",
     "Kyse on oman tavaran myynnistä, ei kaikille avoimesta toiminnasta."),
]  # fmt: skip
WAITING = [
    ("Renko", "Levyraati seurakuntatalolla", "Tuodaan omia levyjä ja kuunnellaan yhdessä. Kerran kuussa talvella."),
    (WHOLE_CITY, "Äänikirjavuoro bussipysäkeille", "Pysäkeillä voisi kuunnella lyhyen tarinan napista painamalla."),
]
