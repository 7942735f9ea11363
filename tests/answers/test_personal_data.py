import datetime as dt
import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sgsurvey.answers.personal_data import MARKS, Masked, id_check_digit, is_citizen_id, mask, passes_luhn

FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def luhn_digit(digits: str) -> str:
    return next(d for d in "0123456789" if passes_luhn(digits + d))


mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
cards = st.from_regex(r"(62|60|4[0-9]|5[1-5]|35)[0-9]{13,16}", fullmatch=True).map(lambda d: d + luhn_digit(d))
days = st.dates(dt.date(1930, 1, 1), dt.date(2020, 12, 31)).map(lambda d: f"{d:%Y%m%d}")
citizens = st.builds(
    lambda place, day, order: (head := place + day + order) + id_check_digit(head),
    st.from_regex(r"[1-6][0-9]{5}", fullmatch=True),
    days,
    st.from_regex(r"[0-9]{3}", fullmatch=True),
)
landlines = st.from_regex(r"0[1-9][0-9]{1,2}-[2-9][0-9]{7}", fullmatch=True)
emails = st.from_regex(r"[a-z][a-z0-9._]{2,10}[a-z0-9]@[a-z]{2,8}\.(com|cn|edu\.cn)", fullmatch=True)
wechats = st.from_regex(r"[a-z]{3,6}_[0-9]{3,6}", fullmatch=True).map("微信：{}".format)
qqs = st.from_regex(r"[1-9][0-9]{5,9}", fullmatch=True).map("QQ{}".format)
links = st.from_regex(r"https?://[a-z]{2,8}\.cn/[a-z0-9]{1,8}", fullmatch=True)
KINDS = {
    "phone": mobiles,
    "id": citizens,
    "card": cards,
    "landline": landlines,
    "email": emails,
    "wechat": wechats,
    "qq": qqs,
    "link": links,
}
anything = st.one_of(*(st.tuples(st.just(kind), values) for kind, values in KINDS.items()))
around = st.sampled_from([("", ""), ("电话", "，请回电"), ("my number: ", "!"), ("2026年", "。"), ("（", "）")])


@given(anything, around, st.sampled_from(["zh", "en"]))
def test_every_kind_is_found_wherever_it_stands(found, words, language):
    kind, value = found
    before, after = words
    masked = mask(before + value + after, language)
    assert dict(masked.found) == {kind: 1}
    assert masked.text.startswith(before)
    assert masked.text.endswith(MARKS[kind].to(language) + after)
    assert not re.search(r"\d{5}|@|://", masked.text)


@given(mobiles, st.sampled_from([(3, 4, 4), (3, 3, 5), (4, 3, 4), (4, 4, 3)]), st.sampled_from(list(" -·.—\u3000－")))
def test_mobile_numbers_in_groups_are_found(number, sizes, sign):
    groups, at = [], 0
    for size in sizes:
        groups.append(number[at : at + size])
        at += size
    for text in (sign.join(groups), sign.join(groups).translate(FULL_WIDTH), "+86" + sign + sign.join(groups)):
        assert mask(f"找我{text}。", "zh").text == "找我[手机号]。"


@given(citizens, st.sampled_from([" ", "-", "\u3000", "－"]))
def test_citizens_numbers_in_groups_or_full_width_are_found(number, sign):
    grouped = sign.join((number[:6], number[6:14], number[14:]))
    for text in (grouped, number.translate(FULL_WIDTH), number.lower()):
        assert mask(text).text == "[id number]"


@given(cards, st.sampled_from([" ", "-", "\u3000"]))
def test_cards_in_groups_of_four_are_found(number, sign):
    assume(len(number) in (16, 19))
    assert mask(sign.join(re.findall(r"\d{1,4}", number))).text == "[bank card]"


@given(
    st.lists(
        st.one_of(
            st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)).flatmap(
                lambda d: st.sampled_from([f"{d:%Y-%m-%d}", f"{d:%Y年%m月%d日}", f"{d:%Y%m%d}", f"{d:%Y.%m.%d}"])
            ),
            st.integers(1900, 2100).map("{}年".format),
            st.tuples(st.integers(1900, 2100), st.integers(1900, 2100)).map("{0[0]}-{0[1]}".format),
            st.integers(0, 10**9).map("{}元".format),
            st.integers(0, 10**12).map("{:,}元".format),
            st.decimals(0, 10**9, places=2).map("{}万元".format),
            st.times().map("{:%H:%M:%S}".format),
            st.floats(0, 1).map("{:.4f}".format),
            st.integers(0, 100).map("{}%".format),
            st.sampled_from(
                ["每天3次", "5-6人", "第12条", "3.5公里", "A4", "1/3", "24小时", "微信群", "QQ群", "110", "12345热线"]
            ),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["，", "；", "和", " to ", "\n"]),
)
def test_years_dates_money_and_times_are_left_as_they_are(pieces, sign):
    text = sign.join(pieces)
    assert mask(text) == Masked(text, {})


@given(st.text())
def test_masking_twice_changes_nothing_more(text):
    once = mask(text, "zh").text
    again = mask(once, "zh")
    assert (again.text, dict(again.found)) == (once, {})


@given(st.text("村里的垃圾清运很好不好，。！？", max_size=60))
def test_words_stay(text):
    assert mask(text).text == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # GB 11643-1999 gives this number as its example, with X as the check digit.
        ("11010519491231002X", "[id number]"),
        ("110105194912310021", "110105194912310021"),
        ("身份证：110105194912310021", "身份证：[id number]"),
        ("110105491231002", "[id number]"),
        ("110105499931002", "110105499931002"),
        ("4111111111111111", "[bank card]"),
        ("4111111111111112", "4111111111111112"),
        ("(0371) 6677-8899转801", "[landline]转801"),
        ("12800138000", "12800138000"),
        ("138001380001", "138001380001"),
        ("3.13800138000", "3.13800138000"),
        ("WeChat works well here", "WeChat works well here"),
        ("wechat: zhangsan", "wechat: [WeChat id]"),
        ("加我wx abc12345", "加我wx [WeChat id]"),
        ("QQ号：123456", "QQ号：[QQ number]"),
        ("见 https://weibo.com/u/123?a=1，谢谢", "见 [link]，谢谢"),
        ("ｌｉ＠１６３．ｃｏｍ", "[e-mail]"),
        ("13800138000/13900139000", "[phone]/[phone]"),
        ("150 160 170 80", "150 160 170 80"),
    ],
)
def test_by_hand(text, expected):
    assert mask(text).text == expected


def test_the_check_digits_are_those_of_the_standards():
    assert id_check_digit("11010519491231002") == "X"  # GB 11643-1999
    assert passes_luhn("79927398713")  # the usual textbook example of ISO/IEC 7812-1
    assert sum(passes_luhn(f"7992739871{d}") for d in range(10)) == 1
    assert not is_citizen_id("110105194913310029")


@pytest.mark.parametrize("bad", ["1 3 8-", "1", "a.", "身份证", "微信a_", "a@", "1 ", "www.", "(0", "62 ", "0371-"])
def test_long_texts_do_not_take_long(bad):
    start = time.perf_counter()
    mask(bad * (32_000 // len(bad)))
    assert time.perf_counter() - start < 1.0
