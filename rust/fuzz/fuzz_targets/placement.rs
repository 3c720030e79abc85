//! Short mentions in texts with repeats: the documented placement against all chains.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use nerharness_core::Aligner;
use nerharness_fuzz::{input, place};

/// What texts and mentions are made of; some of it holds other parts of it.
const WORDS: [&str; 16] = [
    "gout",
    "Gout",
    "gaut",
    "go-ut",
    "gout gaut",
    "gout ms",
    "ms",
    "5",
    "lupus",
    "lupus gout",
    "MS",
    "lupos",
    "goutgout",
    "(gout)",
    "mild gout",
    "acute mild gout",
];

#[derive(Debug)]
struct Case {
    text: String,
    mentions: Vec<String>,
    threshold: f64,
}

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut text = String::new();
        for _ in 0..u.int_in_range(0..=24)? {
            let word = if u.ratio(1, 16)? {
                input::piece(u)?
            } else {
                (*u.choose(&WORDS)?).to_owned()
            };
            text = text + &word + u.choose(&[" ", " ", " ", " ", ", ", "-", ""])?;
        }
        let mention = |u: &mut Unstructured<'a>| {
            let odd = u.ratio(1, 16)?;
            if odd {
                input::mention(u, &text, 20)
            } else {
                Ok((*u.choose(&WORDS)?).to_owned())
            }
        };
        let count = u.int_in_range(0..=14)?;
        let mentions = (0..count).map(|_| mention(u)).collect::<Result<_>>()?;
        Ok(Self {
            mentions,
            threshold: input::threshold(u, 40)?,
            text,
        })
    }
}

fuzz_target!(|case: Case| {
    let aligner = Aligner::new(case.threshold).expect("it is between 0 and 1");
    let found = aligner
        .align(&case.text, &case.mentions)
        .expect("the text is short");
    assert_eq!(
        found,
        place::align(&case.text, &case.mentions, case.threshold)
    );
});
