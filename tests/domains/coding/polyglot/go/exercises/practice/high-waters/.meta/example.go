package highwaters

// Count returns how many high waters the heights hold.
func Count(heights []int) int {
	waters := 0
	for i := 1; i+1 < len(heights); i++ {
		if heights[i] > heights[i-1] && heights[i] > heights[i+1] {
			waters++
		}
	}
	return waters
}
