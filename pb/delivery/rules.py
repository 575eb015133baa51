"""Whose work a chosen project is."""

from pb.estimates.models import Project
from pb.permissions import Scope


def scope_of(project: Project) -> Scope:
    """The service whose money pays for the project (loaded with its allocation) tells how it goes on."""
    return Scope(service_id=project.allocation.service_id)
