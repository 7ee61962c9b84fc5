//! Extensible data notation, as Clojure prints data: what a history needs of it.
//!
//! The format: <https://github.com/edn-format/edn>. What JSON does not have is read as its nearest
//! likeness, as Clojure's own writers of JSON do: keywords, symbols and letters are texts, lists
//! and sets are arrays, and of a tagged form the tag is left out.

use serde_json::{Map, Number, Value};

use crate::error::Trouble;
use crate::exact::exact;

/// As deep as serde_json goes too, so that no input can exhaust the stack.
const DEPTH_MAX: usize = 128;

/// Reads forms from the beginning of a text.
pub(crate) struct Edn<'a> {
    rest: &'a str,
}

impl<'a> Edn<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// Whether nothing but blanks and comments is left.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.skip_blanks();
        self.rest.is_empty()
    }

    /// Takes `mark` if it is what comes next.
    pub(crate) fn takes(&mut self, mark: &str) -> bool {
        self.skip_blanks();
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes a tag if one comes next.
    pub(crate) fn takes_tag(&mut self) -> Result<bool, Trouble> {
        if !self.takes("#") {
            return Ok(false);
        }
        let tag = self.atom();
        if tag.starts_with(char::is_alphabetic) {
            return Ok(true);
        }
        Err(trouble(format!("#{tag} is not supported")))
    }

    /// The name of a keyword or a symbol.
    pub(crate) fn name(&mut self) -> Result<&'a str, Trouble> {
        let atom = self.atom();
        let name = atom.strip_prefix(':').unwrap_or(atom);
        if name.is_empty() { Err(self.expected("a keyword")) } else { Ok(name) }
    }

    /// The letters of a number, a keyword or a symbol.
    pub(crate) fn atom(&mut self) -> &'a str {
        self.skip_blanks();
        let is_end = |byte: u8| is_blank(byte) || b";\"()[]{}".contains(&byte);
        let end = self.rest.bytes().position(is_end).unwrap_or(self.rest.len());
        self.split_off(end)
    }

    /// Any form, as JSON has it.
    pub(crate) fn value(&mut self) -> Result<Value, Trouble> {
        self.value_within(DEPTH_MAX)
    }

    fn value_within(&mut self, depth: usize) -> Result<Value, Trouble> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(trouble("data is nested too deep"));
        };
        if self.takes("[") {
            self.array("]", depth)
        } else if self.takes("(") {
            self.array(")", depth)
        } else if self.takes("#{") {
            self.array("}", depth)
        } else if self.takes("{") {
            self.map(depth)
        } else if self.takes("\"") {
            self.text().map(Value::String)
        } else if self.takes("\\") {
            self.letter()
        } else if self.takes_tag()? {
            self.value_within(depth)
        } else {
            self.scalar()
        }
    }

    fn array(&mut self, close: &str, depth: usize) -> Result<Value, Trouble> {
        let mut values = Vec::new();
        while !self.takes(close) {
            values.push(self.value_within(depth)?);
        }
        Ok(Value::Array(values))
    }

    fn map(&mut self, depth: usize) -> Result<Value, Trouble> {
        let mut map = Map::new();
        while !self.takes("}") {
            let key = match self.value_within(depth)? {
                Value::String(key) => key,
                key => key.to_string(),
            };
            map.insert(key, self.value_within(depth)?);
        }
        Ok(Value::Object(map))
    }

    /// What follows an opening quote, with the closing one.
    fn text(&mut self) -> Result<String, Trouble> {
        let mut text = String::new();
        loop {
            let Some(end) = self.rest.find(['"', '\\']) else {
                return Err(trouble("a text does not end"));
            };
            text.push_str(self.split_off(end));
            if self.takes_here("\"") {
                return Ok(text);
            }
            text.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, Trouble> {
        let mut letters = self.rest.chars().skip(1);
        let escape = letters.next();
        let letter = match escape {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some(letter @ ('"' | '\\')) => letter,
            Some('u') => {
                self.split_off(2);
                return self.unicode();
            }
            _ => return Err(self.expected("one of \\n \\t \\r \\b \\f \\\" \\\\ \\u")),
        };
        self.split_off(2);
        Ok(letter)
    }

    /// The four digits after `\u`, or the two surrogates of a pair.
    fn unicode(&mut self) -> Result<char, Trouble> {
        let first = self.unit()?;
        let is_pair = (0xd800..0xdc00).contains(&first) && self.takes_here("\\u");
        let units = if is_pair { vec![first, self.unit()?] } else { vec![first] };
        let letter = char::decode_utf16(units).next().and_then(Result::ok);
        letter.ok_or_else(|| trouble("a surrogate without its other half"))
    }

    fn unit(&mut self) -> Result<u16, Trouble> {
        let digits = self.rest.get(..4).unwrap_or_default();
        let unit = u16::from_str_radix(digits, 16).ok();
        let unit = unit.filter(|_| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let unit = unit.ok_or_else(|| self.expected("four hexadecimal digits"))?;
        self.split_off(4);
        Ok(unit)
    }

    /// What follows the backslash of a letter: `\a`, `\newline`.
    fn letter(&mut self) -> Result<Value, Trouble> {
        let length = self.rest.chars().next().map_or(0, char::len_utf8);
        let first = self.split_off(length);
        let is_name = first.starts_with(char::is_alphanumeric);
        let more =
            if is_name && !self.rest.starts_with(is_blank_letter) { self.atom() } else { "" };
        let letter = match (first, more) {
            ("", _) => return Err(self.expected("a letter")),
            ("n", "ewline") => "\n",
            ("t", "ab") => "\t",
            ("s", "pace") => " ",
            ("r", "eturn") => "\r",
            (letter, "") => letter,
            _ => return Err(trouble(format!("\\{first}{more} is not supported"))),
        };
        Ok(Value::String(letter.to_owned()))
    }

    fn scalar(&mut self) -> Result<Value, Trouble> {
        let atom = self.atom();
        match atom {
            "nil" => return Ok(Value::Null),
            "true" => return Ok(Value::Bool(true)),
            "false" => return Ok(Value::Bool(false)),
            "" => return Err(self.expected("a value")),
            _ => {}
        }
        let digits = atom.trim_start_matches(['-', '+']);
        if digits.starts_with(|letter: char| letter.is_ascii_digit()) {
            return number(atom).ok_or_else(|| trouble(format!("{atom} is no number of 64 bits")));
        }
        let name = atom.strip_prefix(':').unwrap_or(atom);
        if name.is_empty() { Err(self.expected("a keyword")) } else { Ok(name.into()) }
    }

    fn takes_here(&mut self, mark: &str) -> bool {
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn split_off(&mut self, end: usize) -> &'a str {
        let (start, rest) = self.rest.split_at(end);
        self.rest = rest;
        start
    }

    fn skip_blanks(&mut self) {
        loop {
            let blanks = self.rest.bytes().take_while(|byte| is_blank(*byte)).count();
            self.split_off(blanks);
            if !self.rest.starts_with(';') {
                return;
            }
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.split_off(end);
        }
    }

    /// That something else stands here than `what`.
    pub(crate) fn expected(&self, what: &str) -> Trouble {
        let found: String = self.rest.chars().take(20).collect();
        let found = if found.is_empty() { "its end".to_owned() } else { format!("{found:?}") };
        trouble(format!("expected {what}, found {found}"))
    }
}

fn number(atom: &str) -> Option<Value> {
    let whole = atom.strip_suffix('N').unwrap_or(atom);
    let whole = whole.strip_prefix('+').unwrap_or(whole);
    if let Ok(number) = whole.parse::<i64>() {
        return Some(number.into());
    }
    if let Ok(number) = whole.parse::<u64>() {
        return Some(number.into());
    }
    let broken = atom.strip_suffix('M').unwrap_or(atom).parse::<f64>().ok()?;
    let number = Value::Number(Number::from_f64(broken)?);
    exact(&number).ok().map(|()| number)
}

fn trouble(cause: impl Into<String>) -> Trouble {
    Trouble::new(cause, "put this EDN right, or give the history as JSON lines")
}

fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b','
}

fn is_blank_letter(letter: char) -> bool {
    letter.is_ascii_whitespace() || letter == ','
}
