"""Company names: which pairs may be one company, which are two, and how names sound."""

from __future__ import annotations

import pytest

from dashboard.domain.companies import Alike, alike, parts
from dashboard.domain.pinyin import initials, spoken

ONE_COMPANY = [
    ("北京字节跳动科技有限公司", "字节跳动", Alike.SIMILAR),
    ("北京字节跳动科技有限公司", "字节跳动科技（上海）有限公司", Alike.SAME),
    ("字节跳动(北京)科技有限公司", "北京字节跳动科技有限公司", Alike.SAME),
    ("深圳市腾讯计算机系统有限公司", "腾讯科技（深圳）有限公司", Alike.SIMILAR),
    ("海尔集团", "青岛海尔股份有限公司", Alike.SAME),
    ("内蒙古自治区伊利实业集团股份有限公司", "内蒙古伊利实业集团", Alike.SAME),
    ("中国平安保险（集团）股份有限公司", "平安保险", Alike.SAME),
    ("华为技术有限公司", "华为技术有限公司北京分公司", Alike.SAME),
    ("浙江省杭州市恒通物流有限责任公司", "恒通 物流", Alike.SAME),
    ("ＡＢＣ科技有限公司", "abc科技", Alike.SAME),
    ("恒通-物流（集团）", "恒通·物流", Alike.SAME),
    ("恒通实业", "恒通物流", Alike.SIMILAR),
    ("晨光机电有限公司", "辰光机电有限公司", Alike.SOUND),
    ("Acme Inc.", "ACME Corporation", Alike.SAME),
    ("The Harbour Works Ltd", "Harbor Works", Alike.SIMILAR),
    ("Beijing Rising Tech Co., Ltd.", "Rising Technology (China)", Alike.SIMILAR),
    ("A.B.C. Trading", "ABC Trading Limited", Alike.SAME),
]

TWO_COMPANIES = [
    ("北京恒通物流有限公司", "北京恒通医疗器械有限公司"),  # a common brand in two lines of business
    ("北京华信科技有限公司", "北京华讯科技有限公司"),  # `ratio` of the whole names: 90
    ("上海汽车集团股份有限公司", "广州汽车集团股份有限公司"),  # the place is the brand
    ("中铁一局集团有限公司", "中铁二局集团有限公司"),
    ("深圳市东方科技有限公司", "深圳市南方科技有限公司"),
    ("建设银行", "中国银行"),
    ("第3工厂", "第4工厂"),
    ("North Star Ltd", "North Sea Ltd"),
    ("Delta Systems Ltd", "Delta Trading Ltd"),
    ("Shanghai Sun Trading", "Shanghai Moon Trading"),
    ("有限公司", "股份有限公司"),
]


@pytest.mark.parametrize(("one", "other", "how"), ONE_COMPANY)
def test_names_that_may_be_one_company(one: str, other: str, how: Alike) -> None:
    for pair in ((one, other), (other, one)):
        found = alike(*map(parts, pair))
        assert found
        assert found[0] is how


@pytest.mark.parametrize(("one", "other"), TWO_COMPANIES)
def test_names_that_are_two_companies(one: str, other: str) -> None:
    assert alike(parts(one), parts(other)) is None
    assert alike(parts(other), parts(one)) is None


@pytest.mark.parametrize(
    ("text", "sound", "letters"),
    [
        ("重庆长安汽车", "chongqingchanganqiche", "cqcaqc"),
        ("长沙银行", "changshayinhang", "csyh"),
        ("厦门绿能3号", "xiamenlvneng3hao", "xmln3h"),
        ("ABC科技", "abckeji", "akj"),
        ("···", "", ""),
    ],
)
def test_words_with_several_readings_are_read_as_in_company_names(text: str, sound: str, letters: str) -> None:
    assert (spoken(text), initials(text)) == (sound, letters)


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("曾敏", "zengmin"),
        ("单晓华", "shanxiaohua"),
        ("尉迟恭", "yuchigong"),
        ("解晓东", "xiexiaodong"),
        ("王曾", "wangzeng"),
    ],
)
def test_surnames_are_read_as_surnames(name: str, sound: str) -> None:
    assert spoken(name, person=True) == sound
