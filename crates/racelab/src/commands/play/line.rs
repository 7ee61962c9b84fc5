//! What a person types: letters of processes, or a command.

use lab_explore::letter;

/// One line, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// These processes take the next steps.
    Go(Vec<u8>),
    /// Takes back the last decision.
    Undo,
    /// How to play.
    Help,
    /// The token of what was played.
    Token,
    /// Ends.
    Quit,
    /// Nothing at all.
    Empty,
    /// None of these, and why.
    Mistake(String),
}

/// Whom letters can name.
#[derive(Clone, Copy)]
pub(super) struct Letters {
    /// How many clients there are.
    pub(super) clients: usize,
    /// How many processes: the clients, and the threads of the store after them.
    pub(super) processes: usize,
}

impl Letters {
    pub(super) fn read(self, text: &str) -> Line {
        match text.trim() {
            "" => Line::Empty,
            "u" | "undo" => Line::Undo,
            "?" | "h" | "help" => Line::Help,
            "t" | "token" => Line::Token,
            "q" | "quit" | "exit" => Line::Quit,
            letters => self.go(letters),
        }
    }

    /// Blanks and commas between letters are for the eye only.
    fn go(self, text: &str) -> Line {
        let letters = text.chars().filter(|letter| !letter.is_whitespace() && *letter != ',');
        let processes = letters.map(|letter| self.process(letter).ok_or(letter));
        match processes.collect::<Result<Vec<u8>, char>>() {
            Ok(processes) if processes.is_empty() => Line::Empty,
            Ok(processes) => Line::Go(processes),
            Err(letter) => Line::Mistake(self.nobody(letter)),
        }
    }

    /// Capital or not matters only where the store has threads of its own.
    fn process(self, typed: char) -> Option<u8> {
        let has_own_threads = self.processes > self.clients;
        let typed = if has_own_threads { typed } else { typed.to_ascii_uppercase() };
        let process = (1..=self.processes).find(|one| letter(*one, self.clients) == typed)?;
        u8::try_from(process).ok()
    }

    fn nobody(self, typed: char) -> String {
        let known: Vec<String> =
            (1..=self.processes).map(|one| letter(one, self.clients).to_string()).collect();
        format!("nobody is called {typed:?}: there are {}; `?` explains", known.join(", "))
    }
}

/// `yes` or `no`, if that is what the text says.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Some(true),
        "n" | "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: Letters = Letters { clients: 2, processes: 2 };
    const TWO_AND_A_THREAD: Letters = Letters { clients: 2, processes: 3 };

    #[test]
    fn letters_name_processes_in_any_case_and_with_blanks_between_them() {
        for text in ["ABBA", "abba", " A B, B A "] {
            assert_eq!(TWO.read(text), Line::Go(vec![1, 2, 2, 1]), "{text}");
        }
    }

    #[test]
    fn small_letters_are_the_threads_of_the_store_where_it_has_some() {
        assert_eq!(TWO_AND_A_THREAD.read("AaB"), Line::Go(vec![1, 3, 2]));
        let nobody = "nobody is called 'b': there are A, B, a; `?` explains";
        assert_eq!(TWO_AND_A_THREAD.read("Ab"), Line::Mistake(nobody.to_owned()));
    }

    #[test]
    fn a_letter_of_nobody_leaves_the_whole_line_undone() {
        let nobody = "nobody is called 'C': there are A, B; `?` explains";
        assert_eq!(TWO.read("ABC"), Line::Mistake(nobody.to_owned()));
        assert!(matches!(TWO.read("\u{fffd}é"), Line::Mistake(_)));
    }

    #[test]
    fn commands_have_short_forms() {
        let read = |text| TWO.read(text);
        assert_eq!([read("u"), read("undo")], [Line::Undo, Line::Undo]);
        assert_eq!([read("?"), read("help")], [Line::Help, Line::Help]);
        assert_eq!([read("q"), read("quit")], [Line::Quit, Line::Quit]);
        assert_eq!([read("t"), read("token")], [Line::Token, Line::Token]);
        assert_eq!([read(" "), read(",")], [Line::Empty, Line::Empty]);
    }

    #[test]
    fn yes_and_no_are_read_and_nothing_else() {
        assert_eq!(["y", "Yes"].map(yes_or_no), [Some(true); 2]);
        assert_eq!(["N", " no "].map(yes_or_no), [Some(false); 2]);
        assert_eq!(["", "maybe", "A"].map(yes_or_no), [None; 3]);
    }
}
