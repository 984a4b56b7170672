"""Response codes (DE 39) and the words that a customer reads beside them (DE 63).

Rule: a code that the switch can answer is a member here, with its words in every language; a test says that no
sentence is missing and that none is longer than the field.
"""

from __future__ import annotations

from enum import StrEnum

LANGUAGES = ("ar", "en")


class ResponseCode(StrEnum):
    APPROVED = "00"
    IN_PROGRESS = "09"
    INVALID_TRANSACTION = "12"
    INVALID_AMOUNT = "13"
    UNKNOWN_ACCOUNT = "14"
    ORIGINAL_NOT_FOUND = "25"
    FORMAT_ERROR = "30"
    NOT_OPEN = "40"
    INSUFFICIENT_FUNDS = "51"
    EXPIRED_CARD = "54"
    WRONG_PIN = "55"
    NOT_PERMITTED = "57"
    NOT_PERMITTED_TO_TERMINAL = "58"
    AMOUNT_LIMIT = "61"
    RESTRICTED = "62"
    SECURITY = "63"
    AMOUNT_DIFFERS = "64"
    COUNT_LIMIT = "65"
    TOO_LATE = "68"
    TRIES_EXCEEDED = "75"
    OTHER_BANK = "76"
    NOT_ACTIVATED = "80"
    ALREADY_PAID = "81"
    PART_PAYMENT = "82"
    BILLER_REFUSES = "83"
    BILL_NOT_FOUND = "84"
    CUTOVER = "90"
    UNAVAILABLE = "91"
    NO_ROUTE = "92"
    CONFLICT = "94"
    OUT_OF_BALANCE = "95"
    MALFUNCTION = "96"

    @property
    def is_final(self) -> bool:
        """Whether the outcome is known: 09 asks the channel to repeat."""
        return self is not ResponseCode.IN_PROGRESS

    @property
    def is_stored(self) -> bool:
        """Whether a repeat gets this same answer again. 30 and 63 claim no key, 09 is not final."""
        return self not in _NOT_STORED


RESPONSE_CODES = {code.value: code for code in ResponseCode}

WITHOUT_MAC = frozenset({ResponseCode.FORMAT_ERROR, ResponseCode.SECURITY})
"""What these answer could not be believed."""
_NOT_STORED = WITHOUT_MAC | {ResponseCode.IN_PROGRESS}


def words(code: ResponseCode, language: str) -> str:
    """The outcome for the customer, in `ar` or `en`."""
    arabic, english = _WORDS[code]
    return arabic if language == "ar" else english


_WORDS: dict[ResponseCode, tuple[str, str]] = {
    ResponseCode.APPROVED: (
        "تمّت العملية بنجاح",
        "Your transaction was completed",
    ),
    ResponseCode.IN_PROGRESS: (
        "العملية قيد التنفيذ، وستصلك نتيجتها بعد قليل",
        "Your transaction is in progress; its result will follow shortly",
    ),
    ResponseCode.INVALID_TRANSACTION: (
        "هذه العملية غير متاحة",
        "This transaction is not available",
    ),
    ResponseCode.INVALID_AMOUNT: (
        "المبلغ غير صحيح، يرجى إدخال مبلغ آخر",
        "The amount is not valid; please enter another amount",
    ),
    ResponseCode.UNKNOWN_ACCOUNT: (
        "رقم الحساب أو البطاقة غير معروف",
        "The account or card number is not known",
    ),
    ResponseCode.ORIGINAL_NOT_FOUND: (
        "لم نعثر على العملية المطلوب إلغاؤها",
        "The transaction to be cancelled was not found",
    ),
    ResponseCode.FORMAT_ERROR: (
        "الطلب ناقص أو فيه خطأ",
        "The request is incomplete or has a mistake in it",
    ),
    ResponseCode.NOT_OPEN: (
        "هذه الخدمة متوقفة حالياً",
        "This service is closed at the moment",
    ),
    ResponseCode.INSUFFICIENT_FUNDS: (
        "رصيدك لا يكفي لإتمام العملية",
        "There is not enough money in your account",
    ),
    ResponseCode.EXPIRED_CARD: (
        "انتهت صلاحية البطاقة، يرجى مراجعة المصرف",
        "Your card has expired; please ask your bank for a new one",
    ),
    ResponseCode.WRONG_PIN: (
        "الرقم السري أو رمز التفعيل غير صحيح",
        "The PIN or the activation code is wrong",
    ),
    ResponseCode.NOT_PERMITTED: (
        "لا يُسمح لك بإجراء هذه العملية",
        "You are not permitted to make this transaction",
    ),
    ResponseCode.NOT_PERMITTED_TO_TERMINAL: (
        "لا يُسمح بإجراء هذه العملية من هذا الجهاز",
        "This transaction is not permitted from this terminal",
    ),
    ResponseCode.AMOUNT_LIMIT: (
        "تجاوزت الحدّ الأعلى المسموح به للمبلغ",
        "This goes beyond your limit for amounts",
    ),
    ResponseCode.RESTRICTED: (
        "الحساب مقيّد أو مغلق، يرجى مراجعة المصرف",
        "The account is restricted or closed; please contact your bank",
    ),
    ResponseCode.SECURITY: (
        "تعذّر التحقق من أمان الطلب",
        "The security of the request could not be verified",
    ),
    ResponseCode.AMOUNT_DIFFERS: (
        "مبلغ الإلغاء لا يطابق مبلغ العملية الأصلية",
        "The amount to be cancelled differs from the original amount",
    ),
    ResponseCode.COUNT_LIMIT: (
        "تجاوزت عدد العمليات المسموح به",
        "You have reached the number of transactions allowed",
    ),
    ResponseCode.TOO_LATE: (
        "وصل الطلب بعد إلغاء العملية، ولم يُنفَّذ",
        "The request came after its cancellation and was not carried out",
    ),
    ResponseCode.TRIES_EXCEEDED: (
        "تجاوزت عدد المحاولات المسموح به، يرجى مراجعة المصرف",
        "Too many wrong attempts; please contact your bank",
    ),
    ResponseCode.OTHER_BANK: (
        "الحساب الآخر ليس في هذا المصرف",
        "The other account is not held at this bank",
    ),
    ResponseCode.NOT_ACTIVATED: (
        "لم تُفعَّل الخدمة بعد لهذا الرقم",
        "The service has not been activated for this number yet",
    ),
    ResponseCode.ALREADY_PAID: (
        "هذه الفاتورة مدفوعة سابقاً",
        "This bill has already been paid",
    ),
    ResponseCode.PART_PAYMENT: (
        "لا يُقبل دفع جزء من هذا المبلغ",
        "A part payment of this amount is not accepted",
    ),
    ResponseCode.BILLER_REFUSES: (
        "رفضت الجهة صاحبة الفاتورة عملية الدفع",
        "The biller has refused the payment",
    ),
    ResponseCode.BILL_NOT_FOUND: (
        "الفاتورة غير موجودة أو انتهت مهلة دفعها",
        "The bill was not found or can no longer be paid",
    ),
    ResponseCode.CUTOVER: (
        "يجري فتح يوم عمل جديد، يرجى المحاولة بعد قليل",
        "A new business day is being opened; please try again shortly",
    ),
    ResponseCode.UNAVAILABLE: (
        "الخدمة لا تستجيب حالياً، يرجى المحاولة لاحقاً",
        "The service is not responding; please try again later",
    ),
    ResponseCode.NO_ROUTE: (
        "لا توجد جهة بهذا الرمز",
        "There is no biller or institution with this code",
    ),
    ResponseCode.CONFLICT: (
        "سبق إرسال هذا الطلب ببيانات مختلفة",
        "This request was sent before with different details",
    ),
    ResponseCode.OUT_OF_BALANCE: (
        "مجاميع التسوية غير متطابقة",
        "The reconciliation totals do not agree",
    ),
    ResponseCode.MALFUNCTION: (
        "حدث عطل لدينا، يرجى المحاولة لاحقاً",
        "Something went wrong on our side; please try again later",
    ),
}
