//! Text in lines of so many columns, as a monospaced font sets it.

/// The text in lines of at most so many columns: broken at blanks, and within a word only where
/// the word alone is too long.
pub(crate) fn lines(text: &str, columns_max: usize) -> Vec<String> {
    text.lines().flat_map(|line| broken(line, columns_max)).collect()
}

fn broken(line: &str, columns_max: usize) -> Vec<String> {
    let mut done = Vec::new();
    let mut current = String::new();
    for word in line.split_whitespace() {
        for (at, piece) in pieces(word, columns_max).iter().enumerate() {
            let blank = usize::from(!current.is_empty());
            if at > 0 || columns(&current) + blank + columns(piece) > columns_max {
                done.push(std::mem::take(&mut current));
            } else if blank == 1 {
                current.push(' ');
            }
            current.push_str(piece);
        }
    }
    done.push(current);
    done
}

fn pieces(word: &str, columns_max: usize) -> Vec<String> {
    let mut done = Vec::new();
    let mut current = String::new();
    let mut taken = 0;
    for letter in word.chars() {
        if taken > 0 && taken + width(letter) > columns_max {
            done.push(std::mem::take(&mut current));
            taken = 0;
        }
        current.push(letter);
        taken += width(letter);
    }
    done.push(current);
    done
}

/// How many columns a line takes.
pub(crate) fn columns(line: &str) -> usize {
    line.chars().map(width).sum()
}

/// Two columns from the first East Asian letters on: too much for some of what follows, and never
/// too little, so that nothing is set over anything else.
fn width(letter: char) -> usize {
    match letter {
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'.. => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_at_blanks_and_a_long_word_anywhere() {
        assert_eq!(lines("one two three", 7), ["one two", "three"]);
        assert_eq!(lines("a abcdefgh b", 4), ["a", "abcd", "efgh", "b"]);
        assert_eq!(lines("a\n\n b", 9), ["a", "", "b"]);
        assert_eq!(lines("", 9), [""; 0]);
    }

    #[test]
    fn wide_letters_take_two_columns() {
        assert_eq!(columns("v1 → 任务"), 9);
        assert_eq!(lines("任务任务", 4), ["任务", "任务"]);
    }
}
