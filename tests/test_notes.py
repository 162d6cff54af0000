"""Short notes as people paste them, in Chinese and English: what happened, the next step, its day, the stage."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import spoken_days
from dashboard.domain.notes import Note, kind_of, understood

TODAY = dt.date(2026, 11, 26)  # a Thursday
STAGES = {
    "初步接洽": "s1", "需求确认": "s2", "方案报价": "s3", "商务谈判": "s4", "赢单": "won", "输单": "lost",
    "Prospecting": "s1", "Qualification": "s2", "Proposal": "s3", "Negotiation": "s4", "Won": "won", "Lost": "lost",
}  # fmt: skip


def day(month: int, number: int, year: int = 2026) -> dt.date:
    """A day of the year that the notes are written in."""
    return dt.date(year, month, number)


DAYS = {
    "今天": day(11, 26), "明天": day(11, 27), "明日": day(11, 27), "后天": day(11, 28), "大后天": day(11, 29),
    "昨天": day(11, 25), "前天": day(11, 24), "周五": day(11, 27), "周四": day(12, 3), "周三": day(12, 2),
    "星期一": day(11, 30), "礼拜天": day(11, 29), "本周五": day(11, 27), "这周三": day(11, 25), "下周三": day(12, 2),
    "下周日": day(12, 6), "下下周一": day(12, 7), "上周五": day(11, 20), "下个星期二": day(12, 1), "下周": day(12, 4),
    "本周内": day(11, 27), "3月5日": day(3, 5, 2027), "12月1号": day(12, 1), "11月20日": day(11, 20),
    "十二月三日": day(12, 3),
    "5号": day(12, 5), "26号": day(11, 26), "三十号": day(11, 30), "下月5号": day(12, 5), "下个月十五号": day(12, 15),
    "2026-12-01": day(12, 1), "2026/12/1": day(12, 1), "2027年1月8日": day(1, 8, 2027), "12/1": day(12, 1),
    "3天后": day(11, 29), "三天后": day(11, 29), "两周内": day(12, 10), "十天之内": day(12, 6), "1个月后": day(12, 26),
    "半个月后": day(12, 11), "月底": day(11, 30), "下月底": day(12, 31), "年底": day(12, 31), "下个月": day(12, 31),
    "today": day(11, 26), "tomorrow": day(11, 27), "day after tomorrow": day(11, 28), "yesterday": day(11, 25),
    "next Friday": day(12, 4), "Friday": day(11, 27), "on Monday": day(11, 30), "this Friday": day(11, 27),
    "last Friday": day(11, 20), "Thursday": day(12, 3), "next Wed": day(12, 2), "in 3 days": day(11, 29),
    "within two weeks": day(12, 10), "in a month": day(12, 26), "next week": day(12, 4), "end of month": day(11, 30),
    "EOW": day(11, 27), "Dec 1": day(12, 1), "December 1st": day(12, 1), "1 Dec 2026": day(12, 1),
    "1st of December": day(12, 1), "March 5": day(3, 5, 2027), "Mar 5th, 2027": day(3, 5, 2027),
    "by 2026-12-01": day(12, 1), "next month": day(12, 31),
}  # fmt: skip


@pytest.mark.parametrize(("words", "meant"), DAYS.items())
def test_a_day_is_understood(words: str, meant: dt.date) -> None:
    found = spoken_days.first(words, TODAY)
    assert found is not None
    assert found.day == meant
    assert (found.start, found.end) == (0, len(words)), "with every word that belongs to it"


@pytest.mark.parametrize(
    "words", ["", "给新报价", "2月30日", "13月1日", "第5条", "50万", "call him", "3号楼", "version 2.0", "we may buy"]
)
def test_what_is_no_day_is_none(words: str) -> None:
    assert spoken_days.first(words, TODAY) is None


NOTES: dict[str, Note] = {
    "拜访了王总，对价格有顾虑，下周三前给新报价，推进到方案报价": Note(
        "拜访了王总，对价格有顾虑", "给新报价", day(12, 2), "s3"
    ),
    "今天拜访了王总": Note("今天拜访了王总"),
    "明天给客户发合同": Note(None, "给客户发合同", day(11, 27)),
    "昨天开了会，客户认可方案。后天上午电话确认": Note("昨天开了会，客户认可方案", "电话确认", day(11, 28)),
    "电话沟通，预算已批；5号前提交标书；进入商务谈判阶段": Note("电话沟通，预算已批", "提交标书", day(12, 5), "s4"),
    "上周五做了产品演示，反馈不错\n下一步：安排技术交流\n12月3日": Note(
        "上周五做了产品演示，反馈不错", "安排技术交流", day(12, 3)
    ),
    "客户要求降价5%，3天后答复": Note("客户要求降价5%", "答复", day(11, 29)),
    "需要准备样机": Note(None, "准备样机"),
    "已发送报价单": Note("已发送报价单"),
    "商务谈判": Note(stage_id="s4"),
    "退回到需求确认，客户换了负责人": Note("客户换了负责人", stage_id="s2"),
    "微信联系了李工，约好下周一上门": Note("微信联系了李工", "上门", day(11, 30)),
    "月底前签合同": Note(None, "签合同", day(11, 30)),
    "今天下班前把报价发过去": Note(None, "把报价发过去", day(11, 26)),
    "阶段：方案报价": Note(stage_id="s3"),
    "见面聊了需求，计划2026-12-15现场调研": Note("见面聊了需求", "现场调研", day(12, 15)),
    "客户下周三生日": Note(None, "客户生日", day(12, 2)),
    "Visited Mr Wang, he worries about the price. Send a new offer by next Wednesday. Move to Proposal": Note(
        "Visited Mr Wang, he worries about the price", "Send a new offer", day(12, 2), "s3"
    ),
    "Called them; budget approved; will send the contract tomorrow": Note(
        "Called them, budget approved", "send the contract", day(11, 27)
    ),
    "next step: demo on Dec 3": Note(None, "demo", day(12, 3)),
    "Met yesterday, they liked it, follow up in 3 days": Note("Met yesterday, they liked it", "follow up", day(11, 29)),
    "moved it to negotiation": Note(stage_id="s4"),
    "They agreed last Friday": Note("They agreed last Friday"),
    "Need to prepare samples": Note(None, "prepare samples"),
    "Advance to Qualification. I'll call back next Friday": Note(None, "call back", day(12, 4), "s2"),
    "Sent the offer on 2026-11-20": Note("Sent the offer on 2026-11-20"),
    "Price is 3.5 per piece, version 2.0 is fine": Note("Price is 3.5 per piece, version 2.0 is fine"),
    "": Note(),
    "   ，。 ": Note(),
    "客户方案报价已收到": Note("客户方案报价已收到"),
    "赢单": Note(stage_id="won"),
}


@pytest.mark.parametrize(("text", "meant"), NOTES.items())
def test_a_note_is_understood(text: str, meant: Note) -> None:
    assert understood(text, TODAY, STAGES) == meant


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("拜访了王总", "visit"), ("打电话给李工", "call"), ("做了产品演示", "demo"), ("微信沟通", "wechat"),
        ("发了邮件", "email"),
        ("开了两次会", "meeting"), ("Visited them", "visit"), ("called", "call"), ("A demo for ten", "demo"),
        ("met her", "meeting"),
        ("e-mailed the offer", "email"), ("They agreed", "other"), ("", "other"), (None, "other"),
    ],
)  # fmt: skip
def test_the_kind_of_an_interaction_follows_from_its_words(text: str | None, kind: str) -> None:
    assert kind_of(text) == kind


@pytest.mark.parametrize("part", ["it ", "已", "1月", "by the ", "next ", "下", "move it ", "周"])
def test_a_long_note_takes_no_longer_than_a_moment(part: str) -> None:
    before = time.perf_counter()
    understood(part * (2_000 // len(part)), TODAY, STAGES)
    assert time.perf_counter() - before < 2


@given(st.text(max_size=200), st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)))
def test_no_text_is_too_strange(text: str, today: dt.date) -> None:
    understood(text, today, STAGES)
