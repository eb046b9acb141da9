import java.util.stream.IntStream;

class HighWaters {
    int count(int[] heights) {
        return (int) IntStream.range(1, Math.max(1, heights.length - 1)).filter(new Hours(heights)::isHighWater).count();
    }
}
