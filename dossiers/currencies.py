"""Currencies that an amount may be in: codes of ISO 4217, those of our trade first."""

USUAL = (
    *("EUR", "PLN", "KZT", "RUB", "USD", "GBP", "CHF", "CZK", "SEK", "NOK", "DKK"),
    *("HUF", "RON", "BGN", "UAH", "GEL", "AZN", "UZS", "TRY", "CNY", "JPY"),
)
OTHERS = (
    *("AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "BAM", "BBD", "BDT", "BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD"),
    *("BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CLP", "COP", "CRC", "CUP", "CVE", "DJF", "DOP", "DZD", "EGP", "ERN", "ETB", "FJD"),
    *("FKP", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD"),
    *("KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD"),
    *("MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NPR", "NZD", "OMR", "PAB", "PEN"),
    *("PGK", "PHP", "PKR", "PYG", "QAR", "RSD", "RWF", "SAR", "SBD", "SCR", "SDG", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN"),
    *("SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TTD", "TWD", "TZS", "UGX", "UYU", "VES", "VND", "VUV", "WST", "XAF"),
    *("XCD", "XOF", "XPF", "YER", "ZAR", "ZMW"),
)  # fmt: skip
KNOWN = frozenset((*USUAL, *OTHERS))
