//! Runs against single characters, and what folds to what.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn every_character_maps_to_the_source_that_folds_to_it(
        text in "(a|É|e\u{301}|ﬁ|İ|ß|-|\u{AD}| |1|²|’|中|가|\u{1100}|\u{1161}|\u{11AB}|\u{1D400}){0,30}"
    ) {
        let (mut skeletons, mut others) = (Skeletons::default(), Skeletons::default());
        let range = skeletons.push(&text);
        let skeleton = skeletons.get(range);
        for start in (0..skeleton.len()).filter(|at| skeleton.is(*at, START)) {
            for end in (start + 1..=skeleton.len()).filter(|at| skeleton.is(*at, END)) {
                let part: String = skeleton.part(start..end).chars().collect();
                let source = &text[skeleton.start(start)..skeleton.end(&text, end)];
                let range = others.push(source);
                let folded: String = others.get(range).chars().collect();
                prop_assert_eq!(folded, part.trim_matches(' '));
            }
        }
    }

    #[test]
    fn runs_of_ascii_are_read_as_single_characters_are(
        text in "(a|B|1|2|-| |\\.|,|'|\u{e9}|\u{301}|ﬁ|²|가|\u{11AB}|\u{AD}|x-ray 12 mg){0,30}"
    ) {
        let (mut by_runs, mut by_chars) = (Skeletons::default(), Skeletons::default());
        let range = by_runs.push(&text);
        let mut folder = Folder::new(&text, &mut by_chars);
        for (start, c) in text.char_indices() {
            folder.read_char(c, start);
        }
        folder.finish();
        prop_assert_eq!(by_runs.length, by_chars.length);
        let (one, other) = (by_runs.get(range.clone()), by_chars.get(range));
        prop_assert_eq!(one.flags, other.flags);
        prop_assert!(one.equals(&other));
        for place in 0..=one.len() {
            prop_assert_eq!(one.start(place), other.start(place));
        }
    }
}

#[test]
fn what_may_begin_and_end() {
    for (text, flags) in [
        (
            "ab c",
            vec![
                START | WORD_START,
                0,
                START | WORD_START | END | WORD_END,
                END | WORD_END,
            ],
        ),
        ("(a", vec![START, END | START | WORD_START, END | WORD_END]),
        ("1.5", vec![START | WORD_START, 0, 0, END | WORD_END]),
        (
            "1,5",
            vec![
                START | WORD_START,
                START | END | WORD_END,
                0,
                END | WORD_END,
            ],
        ),
        ("e\u{301}a", vec![START | WORD_START, 0, END | WORD_END]),
        ("a\u{AD}", vec![START | WORD_START, END | WORD_END]),
        ("", vec![0]),
    ] {
        let mut skeletons = Skeletons::default();
        let range = skeletons.push(text);
        let found = skeletons
            .get(range)
            .flags
            .iter()
            .map(|flags| flags & !BREAK);
        assert_eq!(found.collect::<Vec<_>>(), flags, "{text}");
    }
}
