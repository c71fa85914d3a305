"""What a newcomer can make happen, in the order of the strip: a day's work first, then what goes wrong."""

from __future__ import annotations

from sandbox.page.call_scenes import again, busy, flood, kill, missed, outage, rating, through
from sandbox.page.desk_scenes import claim, escalation, live, night, recording, summary, who
from sandbox.page.scene import Scene, Words

__all__ = ["SCENES", "Scene", "Words"]

SCENES: dict[str, Scene] = {
    one.name: one
    for one in (
        *(missed, again, busy, through, claim, escalation, live),
        *(rating, recording, night, summary, who, flood, outage, kill),
    )
}
