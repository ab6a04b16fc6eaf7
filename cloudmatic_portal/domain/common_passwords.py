"""Passwords that everybody who guesses tries first, as far as they are long enough for the rule.

They lead the lists of leaked passwords that are published year by year (such as those of the Hasso
Plattner Institute and of NordPass), beside keys that lie next to each other.
"""

from __future__ import annotations

from typing import Final

_WORDS: Final = """
    0000000000 0123456789 0987654321 1111111111 1122334455 123123123123 1231231231 123321123321
    1234512345 1234554321 1234567890 12345678900 12345678901 123456789012 1234567891 12345678910
    123456789123 1234567890a 123456789a 123456789q 123456789z 12345qwert 1357924680 1q2w3e4r5t
    1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc 2222222222 5555555555 6666666666 7777777777 8888888888
    9876543210 987654321a 9999999999 aaaaaaaaaa abc1234567 abcd123456 abcde12345 abcdefghij
    administrator administrator1 adminadmin adminadmin1 asdfasdfasdf asdfghjkl1 asdfghjklo
    asdfghjkloe basketball bonjour123 changeme123 computer123 dragon1234 dragonball football123
    fussball123 geheim1234 geheim12345 hallo12345 hallo123456 hallohallo hallohallo1 ichliebedich
    iloveyou123 iloveyou12 internet123 letmein123 letmeinnow liverpool1 manchester masterpasswort
    michael123 mypassword mypassword1 napoleon123 p@ssw0rd123 passw0rd123 passwort01 passwort11
    passwort12 passwort123 passwort1234 passwort12345 password01 password10 password11 password12
    password123 password1234 password12345 password123456 passwordpassword passwortpasswort
    princess123 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedcrfv qqqqqqqqqq qwer123456 qwert12345 qwerty1234
    qwerty12345 qwerty123456 qwertyuiop qwertyuiop1 qwertz1234 qwertz12345 qwertz123456
    qwertzuiop qwertzuiopü schalke04schalke schatz1234 schatzi123 sommer2023 sommer2024 sommer2025
    sommer2026 sonnenschein sonnenschein1 starwars123 sunshine123 superman123 test123456
    testtest12 testtest123 unknown123 welcome123 welcome1234 willkommen willkommen1 willkommen12
    willkommen123 winter2023 winter2024 winter2025 winter2026 yxcvbnm123 zaq12wsxcde3 zxcvbnm123
    zxcvbnmasd
"""

COMMON: Final = frozenset(_WORDS.split())
