package highwaters

import "testing"

func TestCount(t *testing.T) {
	for _, tide := range tides {
		t.Run(tide.name, func(t *testing.T) {
			if got := Count(tide.heights); got != tide.waters {
				t.Errorf("Count(%v) = %d, want %d", tide.heights, got, tide.waters)
			}
		})
	}
}

func TestCountKeepsHeights(t *testing.T) {
	heights := []int{1, 3, 2}
	Count(heights)
	if heights[0] != 1 || heights[1] != 3 || heights[2] != 2 {
		t.Errorf("Count changed its argument to %v", heights)
	}
}
