class Hours {
    private final int[] heights;

    Hours(int[] heights) {
        this.heights = heights;
    }

    boolean isHighWater(int hour) {
        return heights[hour] > heights[hour - 1] && heights[hour] > heights[hour + 1];
    }
}
