#include <string>
#include <utility>
#include <vector>

// 1234567 cents -> "12,345.67"
std::string money(long long cents) {
    const std::string whole = std::to_string(cents / 100);
    std::string grouped;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        if (i > 0 && (whole.size() - i) % 3 == 0) {
            grouped += ',';
        }
        grouped += whole[i];
    }
    const long long rest = cents % 100;
    return grouped + "." + (rest < 10 ? "0" : "") + std::to_string(rest);
}

long long percent_of(long long cents, int percent) {
    return (cents * percent + 50) / 100;
}

int discount_percent(long long subtotal) {
    if (subtotal >= 100000) {
        return 10;
    }
    if (subtotal >= 25000) {
        return 5;
    }
    return 0;
}

// Each item is (quantity, unit price in cents).
std::vector<std::string> invoice_summary(const std::vector<std::pair<int, long long>>& items, int tax_percent) {
    long long subtotal = 0;
    for (const auto& [quantity, price] : items) {
        subtotal += quantity * price;
    }
    std::vector<std::string> lines;
    lines.push_back("Subtotal " + money(subtotal));
    const long long discount = percent_of(subtotal, discount_percent(subtotal));
    if (discount > 0) {
        lines.push_back("Discount " + money(discount));
    }
    const long long net = subtotal - discount;
    const long long tax = percent_of(net, tax_percent);
    lines.push_back("Tax " + money(tax));
    lines.push_back("Total " + money(net + tax));
    return lines;
}
