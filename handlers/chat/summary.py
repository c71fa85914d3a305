"""`/summary`: what a period amounts to. Reads only our database."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from desk import periods, summaries
from desk.periods import Period
from handlers.chat import reading, summary_text
from handlers.chat.buttons import SummaryPress
from handlers.chat.scene import Scene
from handlers.chat.texts import Html


def router() -> Router:
    made = Router(name="summary")
    made.message.register(summary, Command("summary"))
    made.callback_query.register(chosen, SummaryPress.filter())
    return made


async def summary(message: Message, command: CommandObject, scene: Scene) -> None:
    """Of today, or of the period that was named."""
    pbx_id, asked = reading.pbx_named(scene, command.args or "")
    period = periods.parse(asked or Period.TODAY)
    if period is None:
        await scene.reply(
            scene.say("I know /summary today, yesterday, this_week, last_week, this_month and last_month.")
        )
        return
    pbx_ids = await reading.pbxes(scene, pbx_id, lambda one: SummaryPress(period=period, pbx=one))
    if pbx_ids is not None:
        await scene.reply(*await _told(scene, period, pbx_id, pbx_ids))


async def chosen(query: CallbackQuery, callback_data: SummaryPress, scene: Scene) -> None:
    """The PBX was asked for."""
    period = periods.parse(callback_data.period) or Period.TODAY
    pbx_ids = await reading.pbxes(scene, callback_data.pbx, lambda one: SummaryPress(period=period, pbx=one))
    if pbx_ids is not None:
        await scene.change(*await _told(scene, period, callback_data.pbx, pbx_ids))
        await scene.toast()


async def _told(
    scene: Scene, period: Period, pbx_id: str, pbx_ids: list[str]
) -> tuple[Html, InlineKeyboardMarkup | None]:
    now = scene.desk.clock.now()
    span = periods.span(period, now, scene.say.zone)
    async with scene.desk.db.read() as tx:
        figures = await summaries.of(tx, pbx_ids, span.start, span.end)
    about = reading.period_name(period, scene.say, now)
    names = pbx_ids if len(scene.desk.pbxes) > 1 else []
    return summary_text.of_period(about, figures, scene.say, pbx_id, names)
