#include <string>
#include <vector>

enum class CsvState { FieldStart, Plain, Quoted, QuoteSeen };

std::vector<std::string> split_csv_record(const std::string& record, char separator) {
    std::vector<std::string> fields;
    std::string field;
    CsvState state = CsvState::FieldStart;
    for (char c : record) {
        switch (state) {
            case CsvState::FieldStart:
            case CsvState::Plain:
                if (c == separator) {
                    fields.push_back(field);
                    field.clear();
                    state = CsvState::FieldStart;
                } else if (c == '"' && state == CsvState::FieldStart) {
                    state = CsvState::Quoted;
                } else {
                    field += c;
                    state = CsvState::Plain;
                }
                break;
            case CsvState::Quoted:
                if (c == '"') {
                    state = CsvState::QuoteSeen;
                } else {
                    field += c;
                }
                break;
            case CsvState::QuoteSeen:
                if (c == '"') {
                    field += '"';
                    state = CsvState::Quoted;
                } else if (c == separator) {
                    fields.push_back(field);
                    field.clear();
                    state = CsvState::FieldStart;
                } else {
                    field += c;
                    state = CsvState::Plain;
                }
                break;
        }
    }
    fields.push_back(field);
    return fields;
}
