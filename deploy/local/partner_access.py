"""What partners may do on the embedded bus: what the topic map says of them, and nothing else."""

from collections.abc import Iterable

from deploy.kafka.grants import grants
from deploy.kafka.make_grants import put_grants
from shared.events.topics import all_topics


async def allow_partners(bootstrap: str, partners: Iterable[str]) -> None:
    """Grants each partner its two topics and the consumer groups named after it; repeatable.

    The services need no grants here: whoever is on the loopback listener is ours.
    """
    names = tuple(partners)
    wanted = [grant for grant in grants(all_topics(names)) if grant.account in names]
    await put_grants(bootstrap, wanted)
