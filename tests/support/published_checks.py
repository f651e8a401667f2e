"""Check characters computed another way than the code under test does, to compare it with."""


def gb_11643_character(body: str) -> str:
    """By the weights that GB 11643-1999 prints: 2^(18-i) mod 11 for the i-th of 17 digits."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(weight * int(digit) for weight, digit in zip(weights, body, strict=True))
    return "10X98765432"[total % 11]


def passes_luhn(number: str) -> bool:
    """By the table of doubled digits, over a whole number with its check digit."""
    doubled = {"0": 0, "1": 2, "2": 4, "3": 6, "4": 8, "5": 1, "6": 3, "7": 5, "8": 7, "9": 9}
    odd, even = number[::-1][0::2], number[::-1][1::2]
    return (sum(map(int, odd)) + sum(doubled[digit] for digit in even)) % 10 == 0
