pub fn count(heights: &[i32]) -> usize {
    todo!("count the high waters of {heights:?}")
}
