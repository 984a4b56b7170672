"""What a settlement says to people, in Arabic and in English.

Rule: every word that a report shows stands here or in the configuration (the billers' names), in both languages; a test
says that none is missing. Figures and identifiers are in no language.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from switch.flow.payment import State
from switch.flow.reconciliation import Result
from switch.settlement.case import State as CaseState
from switch.settlement.match import Kind, Why
from switch.settlement.story import What

LANGUAGES = ("ar", "en")


def words(term: StrEnum, language: str) -> str:
    """KeyError: a word is missing."""
    return _in(_TERMS[type(term), term.value], language)


def said(language: str) -> Mapping[str, str]:
    """The report's own words, by name, for its templates."""
    return {key: _in(both, language) for key, both in _REPORT.items()}


def named(key: str, language: str) -> str:
    """The words for a service or a currency; what has none is shown as it is."""
    return _in(_NAMES[key], language) if key in _NAMES else key


def _in(both: tuple[str, str], language: str) -> str:
    arabic, english = both
    return arabic if language == "ar" else english


_REPORT: dict[str, tuple[str, str]] = {
    "title": ("تقرير التسوية", "Settlement report"),
    "business_day": ("يوم العمل", "Business day"),
    "day_open": (
        "اليوم لم يُغلق بعد: الأرقام غير نهائية ولا تُفتح قضايا",
        "The day is still open: figures are not final, and no cases are opened",
    ),
    "opened": ("فُتح", "Opened"),
    "closed": ("أُغلق", "Closed"),
    "made": ("أُعدّ التقرير", "Report made"),
    "clean": ("المطابقة سليمة: لا فروق مفتوحة", "Reconciled: no break is unsettled"),
    "not_clean": ("فروق لم تُسوَّ بعد", "Breaks that are not settled"),
    "totals": ("الخلاصة", "Totals"),
    "positions": ("صافي المراكز", "Net positions"),
    "party": ("الجهة", "Party"),
    "count": ("العدد", "Number"),
    "received": ("المقبوض", "Received"),
    "back": ("المُعاد", "Given back"),
    "settled": ("تسويات الخلافات", "Disputes settled"),
    "net": ("الصافي", "Net"),
    "sum": ("المجموع", "Sum"),
    "net_note": (
        "الموجب: مستحق للجهة على المصرف. السالب: دفعته الجهة. المجموع صفر دائماً.",
        "Positive: the bank owes it to the party. Negative: the party paid it. All add up to zero.",
    ),
    "billers": ("مجموع الجهات صاحبة الفواتير", "All billers"),
    "atms": ("النقد المصروف من الصرافات", "Cash dispensed by ATMs"),
    "loans": ("أقساط القروض", "Loan instalments"),
    "customers": ("حسابات الزبائن", "Customers' accounts"),
    "bank": ("حساب الخلافات لدى المصرف", "The bank's account for disputes"),
    "transfers": ("تحويلات بين الزبائن", "Transfers between customers"),
    "atm_cash": ("النقد المصروف حسب الصراف", "Cash dispensed, by ATM"),
    "atm": ("الصراف", "ATM"),
    "withdrawals": ("السحوبات", "Withdrawals"),
    "dispensed": ("المصروف", "Dispensed"),
    "reconciliation": ("المطابقة الثلاثية", "Three-way reconciliation"),
    "peer": ("الطرف", "Peer"),
    "core": ("النظام المصرفي", "Bank core"),
    "file_lines": ("أسطر الملف", "Lines in its file"),
    "matched": ("مطابق", "Matched"),
    "explained": ("فرق مفسَّر", "Explained"),
    "breaks": ("الفروق", "Breaks"),
    "no_breaks": ("لا فروق في هذا اليوم.", "There are no breaks on this day."),
    "explained_title": ("فروق مفسَّرة", "Differences that are explained"),
    "why": ("التفسير", "Explanation"),
    "break": ("الفرق", "Break"),
    "case": ("القضية", "Case"),
    "no_case": ("بلا قضية", "no case"),
    "reference": ("المرجع", "Reference"),
    "stan": ("رقم التتبع", "Trace number"),
    "account": ("الحساب أو الفاتورة", "Account or bill"),
    "amount": ("المبلغ", "Amount"),
    "ours": ("في دفاترنا", "In our books"),
    "theirs": ("في ملفه", "In its file"),
    "difference": ("الفارق", "Difference"),
    "state": ("الحالة", "State"),
    "owner": ("المسؤول", "Owner"),
    "story": ("قصة العملية", "The payment's story"),
    "no_story": ("لا عملية بهذا المرجع في دفاترنا.", "Our books have no payment of this reference."),
    "cases": ("قضايا هذا اليوم", "This day's cases"),
    "by_message": ("المطابقة بالرسائل", "Reconciled by message"),
    "institution": ("المؤسسة", "Institution"),
    "result": ("النتيجة", "Result"),
    "unreadable": ("غير مقروءة", "unreadable"),
    "differs": ("الحقول المختلفة", "Fields that differ"),
    "nobody": ("لم تُجرَ مطابقة بالرسائل لهذا اليوم.", "Nobody reconciled this day by message."),
    "more": ("عدد الباقي، وهو في الملف", "There are more, in the file"),
    "more_cases": ("عدد القضايا الأخرى", "More cases"),
    "prepared_by": ("أعدّه", "Prepared by"),
    "approved_by": ("اعتمده", "Approved by"),
    "signature": ("الاسم والتوقيع والتاريخ", "Name, signature, date"),
    "currency": ("العملة", "Currency"),
    "comma": ("،", ","),
}

_WORDS: tuple[tuple[StrEnum, tuple[str, str]], ...] = (
    (Kind.MATCHED, ("مطابق", "matched")),
    (Kind.EXPLAINED, ("فرق مفسَّر", "explained")),
    (Kind.MISSING_HERE, ("غير موجود في دفاترنا", "missing in our books")),
    (Kind.MISSING_THERE, ("غير موجود في ملف الطرف", "missing in the peer's file")),
    (Kind.TWICE, ("مكرّر في ملف الطرف", "twice in the peer's file")),
    (Kind.AMOUNT_DIFFERS, ("المبلغ مختلف", "the amount differs")),
    (Kind.OTHER_ACCOUNT, ("على حساب آخر", "on another account")),
    (Kind.SETTLED_TWICE, ("سُوّي عندنا وعند الطرف معاً", "settled here, and by the peer, too")),
    (Why.OTHER_DAY, ("في يوم عمل آخر لدى أحد الطرفين", "stands in another business day on one side")),
    (Why.TAKEN_BACK, ("خُصم هناك ثم أُعيد هناك", "taken there, and given back there")),
    (Why.NOT_FINAL, ("العملية لم تُحسم بعد", "the payment is not final yet")),
    (Why.TO_COME, ("يُنتظر في ملف اليوم التالي", "expected in the next day's file")),
    (Why.SETTLED, ("سُوّي بقضية خلاف", "settled by a dispute")),
    (CaseState.OPEN, ("مفتوحة", "open")),
    (CaseState.TAKEN, ("قيد المعالجة", "taken")),
    (CaseState.RESOLVED, ("سُوّيت", "resolved")),
    (CaseState.DISMISSED, ("حُفظت", "dismissed")),
    (Result.NONE, ("لا جواب", "no answer")),
    (Result.BALANCED, ("متطابقة", "in balance")),
    (Result.OUT_OF_BALANCE, ("غير متطابقة", "out of balance")),
    (Result.TOO_EARLY, ("اليوم لم يُغلق بعد", "too early")),
    (What.ACCEPTED, ("قُبل الطلب", "accepted")),
    (What.CORE_ASKED, ("سُئل النظام المصرفي", "the core was asked")),
    (What.BILLER_ASKED, ("سُئلت الجهة صاحبة الفاتورة", "the biller was asked")),
    (What.HELD, ("حُجز المبلغ", "held")),
    (What.POSTED, ("رُحّل المبلغ", "posted")),
    (What.VOIDED, ("فُكّ الحجز", "freed")),
    (What.GIVEN_BACK, ("أُعيد المبلغ", "given back")),
    (What.SETTLED, ("سُوّي بقضية خلاف", "settled by a dispute")),
    (What.ANSWERED, ("أُجيبت القناة", "the channel was answered")),
    (What.REVERSAL_ANSWERED, ("أُجيب طلب الإلغاء", "its reversal was answered")),
    (What.NOTE, ("ملاحظة", "note")),
    (What.STATE, ("الحالة الآن", "now")),
    (State.HELD, ("قيد التنفيذ، والمبلغ محجوز", "being carried out, the money is held")),
    (State.UNCERTAIN, ("قد تكون الجهة قبضت، والمبلغ محجوز", "the biller may have been paid; the money is held")),
    (State.UNDOING, ("أُرسل إلغاء إلى الجهة", "an undo is out at the biller")),
    (State.RELEASING, ("أُلغيت هنا، ويُبلَّغ النظام المصرفي", "undone here; the core is being advised")),
    (State.POSTED, ("مدفوعة", "paid")),
    (State.DECLINED, ("مرفوضة، ولم يتحرك مال", "refused; no money moved")),
    (State.RELEASED, ("أُلغيت، وأقرّ النظام المصرفي", "undone, and acknowledged")),
    (State.REVERSED, ("دُفعت ثم أُعيدت", "paid and given back")),
    (State.DISPUTED, ("خلاف: القرار للموظف المختص", "disputed: an operator must decide")),
)
_TERMS = {(type(term), term.value): both for term, both in _WORDS}

_NAMES: dict[str, tuple[str, str]] = {
    "pay-bill": ("دفع فاتورة", "Bill payment"),
    "transfer-own": ("تحويل بين حسابات الزبون", "Transfer between own accounts"),
    "transfer-other": ("تحويل إلى شخص آخر", "Transfer to another person"),
    "pay-loan": ("قسط قرض", "Loan instalment"),
    "withdrawal": ("سحب نقدي", "Cash withdrawal"),
    "760": ("ليرة سورية", "Syrian pounds"),
}
