//! Pairing two sets so that the pairs together are worth most.

/// For each row the column that it is paired with, or `None`; pairs are one to one.
///
/// `weights` has a row for each of the one set, with a number for each of the other, 0 or less where
/// the two must not be paired. The pairs' weights add up to as much as they can (Kuhn 1955, in the
/// form with potentials: rows² × columns steps).
///
/// ```
/// use nerharness_core::assign;
/// assert_eq!(assign(&[vec![5, 4], vec![4, 0]]), [Some(1), Some(0)]);
/// assert_eq!(assign(&[vec![2], vec![3]]), [None, Some(0)]);
/// ```
///
/// # Panics
/// If the rows are not of the same length.
#[must_use]
pub fn assign(weights: &[Vec<i64>]) -> Vec<Option<usize>> {
    let (rows, columns) = (weights.len(), weights.first().map_or(0, Vec::len));
    assert!(weights.iter().all(|row| row.len() == columns));
    let weight = |row: usize, column: usize| weights[row][column].max(0);
    let mut paired = vec![None; rows];
    if rows <= columns {
        for (row, column) in solve(rows, columns, weight) {
            paired[row] = Some(column);
        }
    } else {
        for (column, row) in solve(columns, rows, |column, row| weight(row, column)) {
            paired[row] = Some(column);
        }
    }
    for (row, one) in paired.iter_mut().enumerate() {
        *one = one.filter(|&column| weights[row][column] > 0);
    }
    paired
}

/// What the search for the cheapest way to a free column knows of a column.
#[derive(Clone, Copy)]
struct Reach {
    cost: i64,
    from: usize,
    done: bool,
}

/// Pairs every row with a column of its own; there are no more rows than columns.
fn solve(
    rows: usize,
    columns: usize,
    weight: impl Fn(usize, usize) -> i64,
) -> impl Iterator<Item = (usize, usize)> {
    // Rows and columns count from 1; column 0 stands for the row that is being added.
    let (mut of_row, mut of_column) = (vec![0; rows + 1], vec![0; columns + 1]);
    let mut owner = vec![0; columns + 1];
    for row in 1..=rows {
        owner[0] = row;
        let unreached = Reach {
            cost: i64::MAX,
            from: 0,
            done: false,
        };
        let mut reach = vec![unreached; columns + 1];
        let mut at = 0;
        while owner[at] != 0 {
            reach[at].done = true;
            let from = owner[at];
            let (mut least, mut next) = (i64::MAX, 0);
            for column in (1..=columns)
                .filter(|&column| !reach[column].done)
                .collect::<Vec<_>>()
            {
                let cost = -weight(from - 1, column - 1) - of_row[from] - of_column[column];
                if cost < reach[column].cost {
                    reach[column] = Reach {
                        cost,
                        from: at,
                        done: false,
                    };
                }
                if reach[column].cost < least {
                    (least, next) = (reach[column].cost, column);
                }
            }
            for column in 0..=columns {
                if reach[column].done {
                    of_row[owner[column]] += least;
                    of_column[column] -= least;
                } else if reach[column].cost != i64::MAX {
                    reach[column].cost -= least;
                }
            }
            at = next;
        }
        while at != 0 {
            owner[at] = owner[reach[at].from];
            at = reach[at].from;
        }
    }
    let pairs = (1..=columns).filter(|&column| owner[column] != 0);
    pairs
        .map(|column| (owner[column] - 1, column - 1))
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn worth(weights: &[Vec<i64>], pairs: &[Option<usize>]) -> i64 {
        let each = weights.iter().zip(pairs);
        each.map(|(row, column)| column.map_or(0, |column| row[column]))
            .sum()
    }

    /// The most that any pairing is worth, by trying all.
    fn most(weights: &[Vec<i64>], taken: &mut Vec<bool>) -> i64 {
        let Some((first, rest)) = weights.split_first() else {
            return 0;
        };
        let mut best = most(rest, taken);
        for (column, &weight) in first.iter().enumerate() {
            if weight > 0 && !taken[column] {
                taken[column] = true;
                best = best.max(weight + most(rest, taken));
                taken[column] = false;
            }
        }
        best
    }

    fn tables() -> impl Strategy<Value = Vec<Vec<i64>>> {
        (0..6_usize, 0..6_usize).prop_flat_map(|(rows, columns)| {
            prop::collection::vec(prop::collection::vec(-2..9_i64, columns), rows)
        })
    }

    proptest! {
        #[test]
        fn no_pairing_is_worth_more(weights in tables()) {
            let pairs = assign(&weights);
            let columns = weights.first().map_or(0, Vec::len);
            prop_assert_eq!(pairs.len(), weights.len());
            let mut used: Vec<_> = pairs.iter().flatten().collect();
            used.sort_unstable();
            used.dedup();
            prop_assert_eq!(used.len(), pairs.iter().flatten().count());
            for (row, column) in pairs.iter().enumerate() {
                prop_assert!(column.is_none_or(|column| weights[row][column] > 0));
            }
            prop_assert_eq!(worth(&weights, &pairs), most(&weights, &mut vec![false; columns]));
        }
    }

    #[test]
    fn large_weights_do_not_overflow() {
        let big = 1 << 45;
        let weights: Vec<Vec<i64>> = (0..200)
            .map(|row| (0..200).map(|column| big + (row * column) % 7).collect())
            .collect();
        assert!(assign(&weights).iter().all(Option::is_some));
    }
}
