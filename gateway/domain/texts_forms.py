"""How a released value looks, in English and Chinese: what a reader of the catalogue may expect.

Owns one phrase for each way to release a field. Refuses to describe values: a phrase is made from
the rule and its mask format alone.
"""

from typing import assert_never

from gateway.domain.citations import Localized
from gateway.domain.deid.generalise import band_labels
from gateway.domain.policy.documents import (
    Detect,
    Generalise,
    Keep,
    Mask,
    MaskFormat,
    Pseudonymise,
    Release,
    Withhold,
)

_SHOWN_BANDS = 12
_KEEP = Localized("as the provider delivers it", "按提供方提供的原值")
_WITHHOLD = Localized("not released", "不提供")
_PSEUDONYM = Localized(
    "a pseudonym of your institution and purpose alone: the same value gives the same one",
    "仅属于贵机构与该目的的化名：相同的值对应相同的化名",
)
_DETECT = Localized(
    "the text, with the personal data found in it replaced by its kind, such as <PERSON>",
    "原文，其中识别出的个人信息以其类别代替，例如 <PERSON>",
)
_DATES = {
    "month": Localized("year and month, such as 1990-03", "年和月，例如 1990-03"),
    "year": Localized("the year, such as 1990", "年份，例如 1990"),
}
_ADDRESSES = {
    "district": Localized(
        "the district of a Chinese address, the city of an American one",
        "中国地址至区县，美国地址至城市",
    ),
    "city": Localized("the city", "城市"),
}


def release_form(release: Release, masks: dict[str, MaskFormat]) -> Localized:
    """Return how a value looks after this release; ``masks`` are those of the rule's profile."""
    match release:
        case Keep():
            return _KEEP
        case Withhold():
            return _WITHHOLD
        case Pseudonymise():
            return _PSEUDONYM
        case Detect():
            return _DETECT
        case Mask(using=name):
            return mask_form(masks[name])
        case Generalise():
            return _generalised(release)
    assert_never(release)


def mask_form(mask: MaskFormat) -> Localized:
    """Return what a mask format leaves of a value."""
    first, last, fixed = mask.keep_first, mask.keep_last, mask.fixed_length
    if not first and not last:
        return _nothing_kept(fixed)
    en_kept = " and ".join(
        f"{end} {count}" for end, count in (("first", first), ("last", last)) if count
    )
    characters = "character" if first + last == 1 else "characters"
    zh_kept = "、".join(
        f"{end} {count} 位" for end, count in (("前", first), ("后", last)) if count
    )
    en_rest = "* for each other character" if fixed is None else f"{fixed} * for all others"
    zh_rest = "其余每位以 * 代替" if fixed is None else f"其余一律以 {fixed} 个 * 代替"
    return Localized(
        f"{en_kept} {characters} kept, {en_rest};"
        f" a value of {first + last} or fewer is masked whole",
        f"保留{zh_kept}，{zh_rest}；不超过 {first + last} 位的值全部掩盖",
    )


def _nothing_kept(fixed: int | None) -> Localized:
    if fixed is None:
        return Localized("* for each character, none kept", "每位以 * 代替，不保留任何字符")
    return Localized(f"{fixed} * whatever the value", f"无论何值，一律为 {fixed} 个 *")


def _generalised(release: Generalise) -> Localized:
    if release.date is not None:
        return _DATES[release.date]
    if release.address is not None:
        return _ADDRESSES[release.address]
    labels = band_labels(release.bands or ())
    if len(labels) > _SHOWN_BANDS:
        span = f"{labels[0]} ... {labels[-1]}"
        return Localized(f"one of {len(labels)} bands: {span}", f"{len(labels)} 个区间之一：{span}")
    listed = ", ".join(labels)
    return Localized(f"the band it lies in: {listed}", f"所在区间：{listed}")
