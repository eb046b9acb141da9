#include <map>
#include <string>
#include <utility>
#include <vector>

struct Slot {
    int start;
    int end;
    int request;
};

// "HH:MM" to minutes after midnight.
int to_minutes(const std::string& clock) {
    const int hours = (clock[0] - '0') * 10 + (clock[1] - '0');
    const int minutes = (clock[3] - '0') * 10 + (clock[4] - '0');
    return hours * 60 + minutes;
}

bool overlaps(const Slot& a, const Slot& b) {
    return a.start >= b.start && a.start < b.end;
}

// Requests are (room, "HH:MM-HH:MM"), handled in order.
std::vector<std::string> book_rooms(const std::vector<std::pair<std::string, std::string>>& requests) {
    std::map<std::string, std::vector<Slot>> calendar;
    std::vector<std::string> answers;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const std::string& span = requests[i].second;
        const Slot wanted{to_minutes(span.substr(0, 5)), to_minutes(span.substr(6, 5)), static_cast<int>(i) + 1};
        if (wanted.start >= wanted.end) {
            answers.push_back("bad time");
            continue;
        }
        std::vector<Slot>& taken = calendar[requests[i].first];
        int blocker = 0;
        for (const Slot& slot : taken) {
            if (overlaps(wanted, slot)) {
                blocker = slot.request;
                break;
            }
        }
        if (blocker != 0) {
            answers.push_back("taken by " + std::to_string(blocker));
        } else {
            taken.push_back(wanted);
            answers.push_back("booked");
        }
    }
    return answers;
}
