use high_waters::count;

#[test]
fn no_hours() {
    assert_eq!(count(&[]), 0);
}

#[test]
#[ignore]
fn two_waves() {
    assert_eq!(count(&[1, 4, 2, 5, 3]), 2);
}

#[test]
#[ignore]
fn still_water_at_the_top() {
    assert_eq!(count(&[1, 4, 4, 2]), 0);
}
