def length_table(text):
    """best[i][j] is the length of the longest palindrome within text[i..j]."""
    n = len(text)
    best = [[0] * n for _ in range(n)]
    for i in range(n - 1, -1, -1):
        best[i][i] = 1
        for j in range(i + 1, n):
            if text[i] == text[j]:
                inner = best[i + 1][j - 1] if i + 1 <= j - 1 else 0
                best[i][j] = inner + 2
            else:
                best[i][j] = max(best[i + 1][j], best[i][j - 1])
    return best


def longest_palindrome(text):
    if not text:
        return ""
    best = length_table(text)
    i, j = 0, len(text) - 1
    left = []
    middle = ""
    while i <= j:
        if i == j:
            middle = text[i]
            break
        if text[i] == text[j]:
            left.append(text[i])
            i += 1
            j -= 1
        elif best[i + 1][j] >= best[i][j - 1]:
            i += 1
        else:
            j -= 1
    half = "".join(left)
    return half + middle + half[::-1]
