#include <string>

struct Span {
    int start;
    int length;
};

// Length of the longest palindrome whose middle characters are text[left] and text[right].
static int grown_length(const std::string& text, int left, int right) {
    const int count = static_cast<int>(text.size());
    while (left >= 0 && right < count && text[left] == text[right]) {
        --left;
        ++right;
    }
    return right - left - 1;
}

static Span centred_span(const std::string& text, int centre) {
    const int odd = grown_length(text, centre, centre);
    const int even = grown_length(text, centre, centre + 1);
    const int length = odd > even ? odd : even;
    return {centre - (length - 1) / 2, length};
}

std::string longest_palindrome(const std::string& text) {
    Span best{0, 0};
    for (int centre = 0; centre < static_cast<int>(text.size()); ++centre) {
        const Span span = centred_span(text, centre);
        if (span.length > best.length) {
            best = span;
        }
    }
    return text.substr(best.start, best.length);
}
