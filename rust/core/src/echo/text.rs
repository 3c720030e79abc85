//! A text as tokens that can be compared.

use std::ops::Range;

use crate::character::{is_accent, is_ignorable, is_mark, is_space, is_unsegmented, is_word};
use crate::fold::spell;
use crate::span::Span;

/// The zero-width space is not seen, but says that a word may end.
const ZERO_WIDTH_SPACE: char = '\u{200B}';

/// What a token consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters and numbers.
    Word,
    /// One letter of a script that is written without spaces.
    Letter,
    /// One character of punctuation, or one symbol.
    Sign,
}

/// A word, a letter of a script that is written without spaces, or any other character that is no
/// white space; with the combining marks and unseen characters that follow it.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// Its bytes.
    pub(super) span: Span,
    pub(super) kind: Kind,
    /// Where its folded characters stand among those of the text; never empty.
    pub(super) folded: Range<usize>,
}

/// A text with its tokens.
#[derive(Debug)]
pub(super) struct Text<'t> {
    /// The text as it is.
    pub(super) raw: &'t str,
    pub(super) tokens: Vec<Token>,
    /// The folded characters of all tokens.
    pub(super) folded: Vec<char>,
    /// The byte at which the character begins that each folded character comes from.
    pub(super) starts: Vec<usize>,
}

impl<'t> Text<'t> {
    /// Cuts `text` into tokens.
    pub(super) fn new(text: &'t str) -> Self {
        let mut new = Self {
            raw: text,
            tokens: Vec::new(),
            folded: Vec::new(),
            starts: Vec::new(),
        };
        // The kind of the token that ends here, if one does.
        let mut open = None;
        for (position, c) in text.char_indices() {
            let kind = match role(c) {
                Role::Gap => {
                    open = None;
                    continue;
                }
                Role::Unseen if open.is_none() => continue,
                Role::Unseen => None,
                Role::Mark => open.is_none().then_some(Kind::Word),
                Role::Token(Kind::Word) if open == Some(Kind::Word) => None,
                Role::Token(kind) => Some(kind),
            };
            if let Some(kind) = kind {
                new.close();
                new.begin(kind, position);
                open = Some(kind);
            }
            new.read(c, position);
        }
        new.close();
        new
    }

    /// The folded characters of the tokens in `range`.
    pub(super) fn spelling(&self, range: &Range<usize>) -> &[char] {
        &self.folded[self.folds(range)]
    }

    /// Where those stand among all.
    pub(super) fn folds(&self, range: &Range<usize>) -> Range<usize> {
        if range.is_empty() {
            return 0..0;
        }
        self.tokens[range.start].folded.start..self.tokens[range.end - 1].folded.end
    }

    /// The bytes from the first token in `range`, which is not empty, to the last.
    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        let last = &self.tokens[range.end - 1];
        Span::new(self.tokens[range.start].span.start, last.span.end)
    }

    /// The tokens that share a byte with `span`.
    pub(super) fn overlapping(&self, span: Span) -> Range<usize> {
        let start = self
            .tokens
            .partition_point(|token| token.span.end <= span.start);
        let end = self
            .tokens
            .partition_point(|token| token.span.start < span.end);
        start..end.max(start)
    }

    fn begin(&mut self, kind: Kind, position: usize) {
        self.tokens.push(Token {
            span: Span::new(position, position),
            kind,
            folded: self.folded.len()..self.folded.len(),
        });
    }

    /// Adds `c` to the last token.
    fn read(&mut self, c: char, position: usize) {
        if let Some(token) = self.tokens.last_mut() {
            token.span.end = position + c.len_utf8();
        }
        if c.is_ascii() && c != '`' {
            self.fold(c.to_ascii_lowercase(), position);
        } else if !is_accent(c) && !is_ignorable(c) {
            let mut buffer = [0; 4];
            for part in spell(c.encode_utf8(&mut buffer)) {
                self.fold(part, position);
            }
        }
    }

    fn fold(&mut self, c: char, position: usize) {
        self.folded.push(c);
        self.starts.push(position);
    }

    /// Ends the last token: one of which nothing is left stands for itself.
    fn close(&mut self) {
        let Some(Token { span, folded, .. }) = self.tokens.last().cloned() else {
            return;
        };
        if folded.start == self.folded.len() {
            for (offset, c) in self.raw[span.start..span.end].char_indices() {
                self.fold(c, span.start + offset);
            }
        }
        if let Some(token) = self.tokens.last_mut() {
            token.folded.end = self.folded.len();
        }
    }
}

/// What a character does to the token before it.
enum Role {
    /// Ends it, and is in none itself.
    Gap,
    /// Belongs to it, if there is one.
    Unseen,
    /// Belongs to it, or begins one.
    Mark,
    /// Begins one, or goes on with a word.
    Token(Kind),
}

fn role(c: char) -> Role {
    if c.is_ascii_alphanumeric() {
        Role::Token(Kind::Word)
    } else if c == ZERO_WIDTH_SPACE || is_space(c) {
        Role::Gap
    } else if is_ignorable(c) {
        Role::Unseen
    } else if is_mark(c) {
        Role::Mark
    } else if is_unsegmented(c) {
        Role::Token(Kind::Letter)
    } else if is_word(c) {
        Role::Token(Kind::Word)
    } else {
        Role::Token(Kind::Sign)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn table() {
        for (name, text, expected) in [
            ("words", "Renal  failure\r\n2b", "renal|failure|2b"),
            ("punctuation", "(A-T).", "(|a|-|t|)|."),
            ("apostrophe", "Crohn’s", "crohn|'|s"),
            ("no-break space", "a\u{A0}b", "a|b"),
            ("soft hyphen", "telangi\u{AD}ectasia", "telangiectasia"),
            ("zero-width space", "a\u{200B}b", "a|b"),
            ("byte order mark", "\u{FEFF}ab", "ab"),
            ("decomposed", "Sjo\u{308}gren", "sjogren"),
            ("accent of a sign", "-\u{301}a", "-|a"),
            ("accent alone", " \u{301} a", "\u{301}|a"),
            ("dotted capital i", "İl", "il"),
            ("ligature and sharp s", "ﬁß", "fiss"),
            ("ideographs", "発熱3日", "発|熱|3|日"),
            ("Thai letter with its tone mark", "ก\u{E49}ข", "ก\u{E49}|ข"),
            ("Hebrew with points", "ש\u{5B8}לום", "שלום"),
            ("emoji", "🙂\u{FE0F}x𝐀", "🙂|xa"),
            ("nothing", " \n\u{AD}\0", ""),
        ] {
            let text = Text::new(text);
            let tokens = (0..text.tokens.len()).map(|index| text.spelling(&(index..index + 1)));
            let tokens: Vec<String> = tokens.map(|token| token.iter().collect()).collect();
            assert_eq!(tokens.join("|"), expected, "{name}");
        }
    }

    #[test]
    fn ascii_characters_fold_to_what_they_are_spelled() {
        for c in (0u8..128).map(char::from).filter(|c| !is_space(*c)) {
            let c = c.to_string();
            assert_eq!(Text::new(&c).folded, spell(&c));
        }
    }

    proptest! {
        #[test]
        fn tokens_are_in_order_and_leave_only_gaps(text in "(?s).{0,40}|[ab\u{301}\u{AD} 中.]{0,30}") {
            let cut = Text::new(&text);
            let mut end = 0;
            let mut folded = 0;
            for token in &cut.tokens {
                prop_assert!(end <= token.span.start && token.span.start < token.span.end);
                let gap = &text[end..token.span.start];
                prop_assert!(gap.chars().all(|c| is_space(c) || is_ignorable(c)));
                prop_assert_eq!(token.folded.start, folded);
                prop_assert!(!token.folded.is_empty());
                let starts = &cut.starts[token.folded.clone()];
                prop_assert!(starts.is_sorted());
                prop_assert!(starts.iter().all(|start| (token.span.start..token.span.end).contains(start)));
                (end, folded) = (token.span.end, token.folded.end);
            }
            prop_assert!(text[end..].chars().all(|c| is_space(c) || is_ignorable(c)));
        }
    }
}
