pub fn count(heights: &[i32]) -> usize {
    heights.windows(3).filter(|w| w[1] > w[0] && w[1] > w[2]).count()
}
