#include <map>
#include <optional>
#include <sstream>
#include <string>

enum class Kind { Length, Mass, Temperature };

// base value = (value + offset) * factor; the bases are metre, gram and kelvin.
struct Unit {
    Kind kind;
    double factor;
    double offset;
};

std::optional<Unit> find_unit(const std::string& name) {
    static const std::map<std::string, Unit> units = {
        {"mm", {Kind::Length, 0.001, 0.0}},      {"cm", {Kind::Length, 0.01, 0.0}},
        {"m", {Kind::Length, 1.0, 0.0}},         {"km", {Kind::Length, 1000.0, 0.0}},
        {"in", {Kind::Length, 0.0254, 0.0}},     {"ft", {Kind::Length, 0.3048, 0.0}},
        {"g", {Kind::Mass, 1.0, 0.0}},           {"kg", {Kind::Mass, 1000.0, 0.0}},
        {"lb", {Kind::Mass, 453.59237, 0.0}},    {"K", {Kind::Temperature, 1.0, 0.0}},
        {"C", {Kind::Temperature, 1.0, 273.15}}, {"F", {Kind::Temperature, 5.0 / 9.0, 459.67}},
    };
    const auto found = units.find(name);
    if (found == units.end()) {
        return std::nullopt;
    }
    return found->second;
}

double to_base(double value, const Unit& unit) {
    return value * unit.factor + unit.offset;
}

double from_base(double base, const Unit& unit) {
    return base / unit.factor - unit.offset;
}

// convert("5 ft", "cm"); no result for an unknown unit or units of different kinds.
std::optional<double> convert(const std::string& quantity, const std::string& target) {
    std::istringstream input(quantity);
    double value = 0.0;
    std::string name;
    if (!(input >> value >> name)) {
        return std::nullopt;
    }
    const std::optional<Unit> source = find_unit(name);
    const std::optional<Unit> wanted = find_unit(target);
    if (!source || !wanted || source->kind != wanted->kind) {
        return std::nullopt;
    }
    return from_base(to_base(value, *source), *wanted);
}
