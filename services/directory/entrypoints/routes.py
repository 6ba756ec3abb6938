"""Every route of the directory."""

from services.directory.entrypoints.appointment_routes import (
    get_appointment,
    get_appointments,
    post_appointment,
    post_end,
)
from services.directory.entrypoints.area_routes import (
    get_area,
    get_areas,
    get_coverage,
    get_organisations,
)
from services.directory.entrypoints.link_activity_routes import (
    get_key_areas,
    get_link_activities,
    post_link_activity,
)
from services.directory.entrypoints.people_routes import (
    get_people,
    get_person,
    post_person,
    put_person,
)

ROUTES = (
    get_areas,
    get_area,
    get_organisations,
    get_coverage,
    post_appointment,
    post_end,
    get_appointment,
    get_appointments,
    post_person,
    get_people,
    get_person,
    put_person,
    get_key_areas,
    post_link_activity,
    get_link_activities,
)
