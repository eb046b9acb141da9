package highwaters

var tides = []struct {
	name    string
	heights []int
	waters  int
}{
	{"no hours", nil, 0},
	{"one wave", []int{1, 4, 2}, 1},
	{"two waves", []int{1, 4, 2, 5, 3}, 2},
	{"still water at the top", []int{1, 4, 4, 2}, 0},
}
