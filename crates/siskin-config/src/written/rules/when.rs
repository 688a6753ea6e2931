//! Boolean conditions on other rules as written: `"a and not (b or c)"`.
//!
//! `not` binds tighter than `and`, `and` tighter than `or`. A fault is told with its column.
//! Depth and length are limited, so that no text can exhaust the stack.

use siskin_engine::rule::Expr;
use siskin_model::RuleId;

use crate::fields::{FromNode, wrong_type};
use crate::node::{Node, Value};
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place};

/// Deepest nesting of parentheses and `not`.
const DEPTH_MAX: usize = 16;
/// Most rules that one condition names.
const TERMS_MAX: usize = 64;
/// What people are told to write.
const HINT: &str = "write rule ids with `and`, `or`, `not` and parentheses, for example \
                    `a and not (b or c)`";

/// A condition whose ids know their places.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum WrittenExpr {
    Rule(At<RuleId>),
    And(Vec<WrittenExpr>),
    Or(Vec<WrittenExpr>),
    Not(Box<WrittenExpr>),
}

impl WrittenExpr {
    /// The condition as the engine uses it.
    pub(crate) fn model(&self) -> Expr {
        let all = |parts: &[Self]| parts.iter().map(Self::model).collect();
        match self {
            Self::Rule(id) => Expr::Rule(id.value.clone()),
            Self::And(parts) => Expr::And(all(parts)),
            Self::Or(parts) => Expr::Or(all(parts)),
            Self::Not(inner) => Expr::Not(Box::new(inner.model())),
        }
    }

    /// The rules it names, in the order of the text.
    pub(crate) fn rules(&self) -> Vec<&At<RuleId>> {
        match self {
            Self::Rule(id) => vec![id],
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::rules).collect(),
            Self::Not(inner) => inner.rules(),
        }
    }
}

impl FromNode for WrittenExpr {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let Value::Text(text) = &node.value else {
            wrong_type(node, key, "a condition in quotes", problems);
            return None;
        };
        let inside = inside(node.place, text.len());
        let mut parser = Parser { text, inside, at: 0, terms: 0 };
        match parser.whole() {
            Ok(expr) => Some(expr),
            Err(fault) => {
                let message = format!("`{key}`: {}", fault.message);
                let draft = Draft::new(message, fault.hint);
                problems.add(draft.at(parser.place(fault.start, fault.end), "here"));
                None
            }
        }
    }
}

/// Where the text between the quotes begins, or the whole place where escapes hide that.
fn inside(place: Place, length: usize) -> Result<Place, Place> {
    let quotes = match (place.end - place.start).checked_sub(length) {
        Some(2) => 1,
        Some(6) => 3,
        _ => return Err(place),
    };
    Ok(Place { start: place.start + quotes, ..place })
}

struct Fault {
    start: usize,
    end: usize,
    message: String,
    hint: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Open,
    Close,
    Word(&'a str),
    Odd(char),
    End,
}

struct Parser<'a> {
    text: &'a str,
    inside: Result<Place, Place>,
    at: usize,
    terms: usize,
}

impl<'a> Parser<'a> {
    fn place(&self, start: usize, end: usize) -> Place {
        match self.inside {
            Ok(first) => Place { start: first.start + start, end: first.start + end, ..first },
            Err(whole) => whole,
        }
    }

    /// The next token with its place in the text; it is not taken.
    fn peek(&self) -> (Token<'a>, usize, usize) {
        let rest = self.text.get(self.at..).unwrap_or("");
        let trimmed = rest.trim_start();
        let start = self.at + (rest.len() - trimmed.len());
        let Some(first) = trimmed.chars().next() else {
            // Point at the last character: behind it is only the quote.
            return (Token::End, self.text.len().saturating_sub(1), self.text.len());
        };
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let length = trimmed.find(|c| !is_word(c)).unwrap_or(trimmed.len());
        let token = match first {
            '(' => Token::Open,
            ')' => Token::Close,
            _ if length > 0 => Token::Word(trimmed.get(..length).unwrap_or("")),
            odd => Token::Odd(odd),
        };
        let length = if length > 0 { length } else { first.len_utf8() };
        (token, start, start + length)
    }

    fn take(&mut self) -> (Token<'a>, usize, usize) {
        let next = self.peek();
        self.at = next.2;
        next
    }

    /// Takes the word `word` where it is next.
    fn takes(&mut self, word: &str) -> bool {
        let (token, _, end) = self.peek();
        let found = token == Token::Word(word);
        if found {
            self.at = end;
        }
        found
    }

    fn whole(&mut self) -> Result<WrittenExpr, Fault> {
        let expr = self.any(0)?;
        match self.peek() {
            (Token::End, ..) => Ok(expr),
            (Token::Close, start, end) => {
                let message = "a `)` that nothing opens".to_owned();
                Err(Fault { start, end, message, hint: "take it out, or add a `(`".to_owned() })
            }
            found => Err(expected("`and` or `or`", found)),
        }
    }

    fn any(&mut self, depth: usize) -> Result<WrittenExpr, Fault> {
        let mut parts = vec![self.all(depth)?];
        while self.takes("or") {
            parts.push(self.all(depth)?);
        }
        Ok(single(parts, WrittenExpr::Or))
    }

    fn all(&mut self, depth: usize) -> Result<WrittenExpr, Fault> {
        let mut parts = vec![self.unary(depth)?];
        while self.takes("and") {
            parts.push(self.unary(depth)?);
        }
        Ok(single(parts, WrittenExpr::And))
    }

    fn unary(&mut self, depth: usize) -> Result<WrittenExpr, Fault> {
        let found = self.take();
        let (token, start, end) = found;
        if depth >= DEPTH_MAX {
            let message = format!("nested deeper than {DEPTH_MAX}");
            let hint = "give the inner part a rule of its own".to_owned();
            return Err(Fault { start, end, message, hint });
        }
        match token {
            Token::Word("not") => Ok(WrittenExpr::Not(Box::new(self.unary(depth + 1)?))),
            Token::Open => {
                let inner = self.any(depth + 1)?;
                match self.take() {
                    (Token::Close, ..) => Ok(inner),
                    (Token::End, ..) => {
                        let message = "this `(` is never closed".to_owned();
                        Err(Fault { start, end, message, hint: "add a `)`".to_owned() })
                    }
                    found => Err(expected("`and`, `or` or `)`", found)),
                }
            }
            Token::Word(word) if word != "and" && word != "or" => self.rule(word, start, end),
            _ => Err(expected("a rule's id, `not` or `(`", found)),
        }
    }

    fn rule(&mut self, word: &str, start: usize, end: usize) -> Result<WrittenExpr, Fault> {
        self.terms += 1;
        if self.terms > TERMS_MAX {
            let message = format!("more than {TERMS_MAX} rules in one condition");
            let hint = "give parts of it rules of their own".to_owned();
            return Err(Fault { start, end, message, hint });
        }
        let value = RuleId::new(word).map_err(|error| {
            let text = error.to_string();
            let (message, hint) = text.split_once("; hint: ").unwrap_or((&text, HINT));
            Fault { start, end, message: message.to_owned(), hint: hint.to_owned() }
        })?;
        Ok(WrittenExpr::Rule(At { value, place: self.place(start, end) }))
    }
}

fn single(mut parts: Vec<WrittenExpr>, many: fn(Vec<WrittenExpr>) -> WrittenExpr) -> WrittenExpr {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            many(parts)
        }
    }
}

fn expected(what: &str, (token, start, end): (Token<'_>, usize, usize)) -> Fault {
    let found = match token {
        Token::Open => "`(`".to_owned(),
        Token::Close => "`)`".to_owned(),
        Token::Word(word) => format!("`{word}`"),
        Token::Odd(odd) => format!("`{odd}`"),
        Token::End => "the end".to_owned(),
    };
    let hint = match token {
        Token::Word(word) if ["and", "or", "not"].contains(&word.to_lowercase().as_str()) => {
            "`and`, `or` and `not` are written in lower case, each between two conditions"
        }
        Token::Odd('&') => "write `and`",
        Token::Odd('|') => "write `or`",
        Token::Odd('!') => "write `not`",
        _ => HINT,
    };
    Fault { start, end, message: format!("expected {what}, found {found}"), hint: hint.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::parse;
    use crate::sources::Sources;

    fn read(condition: &str) -> (Option<WrittenExpr>, String) {
        let mut sources = Sources::default();
        let mut problems = Problems::default();
        let text = format!("when = {condition}");
        let root = parse("t", &text, &mut sources, &mut problems).unwrap();
        let read = WrittenExpr::from_node(root.get("when").unwrap(), "when", &mut problems);
        let told = match problems.finish(read.clone(), &sources) {
            Ok(_) => String::new(),
            Err(report) => {
                let problem = &report.problems[0];
                format!("{}: {}", problem.spots[0].column, problem.message)
            }
        };
        (read, told)
    }

    fn rule(id: &str) -> Expr {
        Expr::Rule(RuleId::new(id).unwrap())
    }

    #[test]
    fn not_binds_tighter_than_and_and_that_tighter_than_or() {
        let check = |condition: &str, expected: Expr| {
            let (read, told) = read(&format!("\"{condition}\""));
            assert_eq!(read.map(|e| e.model()), Some(expected), "{condition}: {told}");
        };
        let not = |inner| Expr::Not(Box::new(inner));
        check("a-1", rule("a-1"));
        check("not a and b", Expr::And(vec![not(rule("a")), rule("b")]));
        check("a or b and c", Expr::Or(vec![rule("a"), Expr::And(vec![rule("b"), rule("c")])]));
        check(
            "a and not (b or c)",
            Expr::And(vec![rule("a"), not(Expr::Or(vec![rule("b"), rule("c")]))]),
        );
        check("a and b and c", Expr::And(vec![rule("a"), rule("b"), rule("c")]));
        check("((a))", rule("a"));
    }

    #[test]
    fn a_fault_names_its_column() {
        // Column 9 is the first character between the quotes.
        let check = |condition: &str, expected: &str| {
            let (read, told) = read(&format!("\"{condition}\""));
            assert_eq!((read, told.as_str()), (None, expected), "{condition}");
        };
        check("a b", "11: `when`: expected `and` or `or`, found `b`");
        check("a && b", "11: `when`: expected `and` or `or`, found `&`");
        check("a AND b", "11: `when`: expected `and` or `or`, found `AND`");
        check("(a or b", "9: `when`: this `(` is never closed");
        check("a)", "10: `when`: a `)` that nothing opens");
        check("a and", "13: `when`: expected a rule's id, `not` or `(`, found the end");
        check("and a", "9: `when`: expected a rule's id, `not` or `(`, found `and`");
        check("not 氯", "13: `when`: expected a rule's id, `not` or `(`, found `氯`");
        check("", "9: `when`: expected a rule's id, `not` or `(`, found the end");
        let deep = format!("{}a", "(".repeat(DEPTH_MAX + 1));
        check(&deep, "25: `when`: nested deeper than 16");
    }

    #[test]
    fn places_survive_other_quotes() {
        let (_, told) = read("'a b'");
        assert!(told.starts_with("11: "), "{told}");
        let (_, told) = read("\"\"\"a b\"\"\"");
        assert!(told.starts_with("13: "), "{told}");
        // Behind an escape columns are not known: the whole text is named.
        let (_, told) = read("\"a \\u0062 b\"");
        assert!(told.starts_with("8: "), "{told}");
    }
}
