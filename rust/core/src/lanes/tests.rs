//! Every path against the textbook.

use proptest::prelude::*;

use super::*;
use crate::distance::tests::distances;

/// The textbook's table: the least distance to what ends at each position, or the distance to
/// all that was read.
fn table(needle: &[u8], text: &[u8], free: bool) -> Vec<usize> {
    distances(needle, text, free)[1..].to_vec()
}

fn expected(needles: &[(&[u8], usize)], text: &Text<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (number, (needle, limit)) in needles.iter().enumerate() {
        for (end, distance) in (1..).zip(table(needle, text.rows, true)) {
            if distance <= *limit && text.stops[end - 1] & 1 == 1 {
                hits.push(Hit {
                    needle: number,
                    end,
                    distance,
                });
            }
        }
    }
    hits
}

/// Some places where needles may end, if `seed` is not 0, otherwise all.
fn stops(length: usize, seed: u64) -> Vec<u8> {
    let bits =
        |at| seed.wrapping_mul(at | 1).rotate_left(17).to_le_bytes()[0] ^ u8::from(seed == 0);
    (0..length as u64).map(bits).collect()
}

fn check<W: Word, const LANES: usize>(needles: &[(&[u8], usize)], text: &[u8], seed: u64) {
    let block = Block::<W, LANES>::new(needles, 6);
    let stops = stops(text.len(), seed);
    let swept = Text {
        rows: text,
        stops: &stops,
    };
    for path in Path::all() {
        let mut found = Vec::new();
        block.search(path, swept, &mut found);
        found.sort_unstable();
        assert_eq!(found, expected(needles, &swept), "{path:?}");
    }
}

proptest! {
    #[test]
    fn every_path_finds_what_the_table_holds(
        needles in proptest::collection::vec(
            (proptest::collection::vec(1u8..5, 1..=32), 0usize..12), 1..=16
        ),
        text in proptest::collection::vec(0u8..6, 0..700), seed in 0u64..9,
    ) {
        let needles: Vec<_> = needles.iter().map(|(n, limit)| (&n[..], *limit)).collect();
        check::<u32, 16>(&needles, &text, seed);
        check::<u64, 16>(&needles, &text, seed);
        check::<u32, 8>(&needles[..needles.len().min(8)], &text, seed);
    }

    #[test]
    fn narrow_lanes_find_what_the_table_holds(
        needles in proptest::collection::vec(
            (proptest::collection::vec(1u8..5, 1..=16), 0usize..9), 1..=32
        ),
        text in proptest::collection::vec(0u8..6, 0..700), seed in 0u64..9,
    ) {
        let needles: Vec<_> = needles.iter().map(|(n, limit)| (&n[..], *limit)).collect();
        check::<u16, 32>(&needles, &text, seed);
        check::<u16, 16>(&needles[..needles.len().min(16)], &text, seed);
        check::<u16, 8>(&needles[..needles.len().min(8)], &text, seed);
    }

    #[test]
    fn a_lane_reads_what_the_table_holds(
        needles in proptest::collection::vec(proptest::collection::vec(1u8..5, 1..=64), 1..4),
        text in proptest::collection::vec(0u8..6, 0..90), turned: bool,
    ) {
        let mut letters = Letters::default();
        for mut needle in needles {
            letters.fill(&needle, turned);
            if turned {
                needle.reverse();
            }
            let mut lane = letters.lane();
            let read = |row: &u8| {
                lane.read(*row);
                lane.distance
            };
            prop_assert_eq!(text.iter().map(read).collect::<Vec<_>>(), table(&needle, &text, false));
        }
    }

    #[test]
    fn needles_may_fill_a_word(
        needle in proptest::collection::vec(1u8..5, 33..=64),
        text in proptest::collection::vec(0u8..6, 0..700), seed in 0u64..9,
    ) {
        check::<u64, 8>(&[(&needle, 40), (&needle[1..], 7)], &text, seed);
    }
}
