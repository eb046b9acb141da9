#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

struct Standing {
    std::string player;
    int points;
    int games;
};

std::vector<Standing> collect(const std::vector<std::pair<std::string, int>>& results) {
    std::map<std::string, Standing> by_player;
    for (const auto& [player, points] : results) {
        Standing& standing = by_player.try_emplace(player, Standing{player, 0, 0}).first->second;
        standing.points += points;
        ++standing.games;
    }
    std::vector<Standing> table;
    for (const auto& entry : by_player) {
        table.push_back(entry.second);
    }
    return table;
}

// Lines "RANK PLAYER POINTS (GAMES)", best first; players with equal points share a rank.
std::vector<std::string> score_board(const std::vector<std::pair<std::string, int>>& results) {
    std::vector<Standing> table = collect(results);
    std::stable_sort(table.begin(), table.end(),
                     [](const Standing& a, const Standing& b) { return a.points > b.points; });
    std::vector<std::string> lines;
    int rank = 0;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const Standing& row = table[i];
        if (i == 0 || row.points != table[i - 1].points) {
            rank = static_cast<int>(i) + 1;
        }
        lines.push_back(std::to_string(rank) + " " + row.player + " " + std::to_string(row.points) + " (" +
                        std::to_string(row.games) + ")");
    }
    return lines;
}
