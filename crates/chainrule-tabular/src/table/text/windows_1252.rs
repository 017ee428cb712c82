//! Windows-1252: one byte for each letter. It is Latin-1 but for the bytes from 0x80 to 0x9F.

use std::borrow::Cow;

/// The letters of the bytes from 0x80 on; five of these bytes stand for none.
const FROM_0X80: [Option<char>; 32] = {
    const fn some(letters: [char; 32]) -> [Option<char>; 32] {
        let mut table = [None; 32];
        let mut k = 0;
        while k < 32 {
            if letters[k] != ' ' {
                table[k] = Some(letters[k]);
            }
            k += 1;
        }
        table
    }
    some([
        '€', ' ', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', ' ', 'Ž', ' ', //
        ' ', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', ' ', 'ž', 'Ÿ',
    ])
};

/// The letter of a byte, if it stands for one.
pub(super) fn letter(byte: u8) -> Option<char> {
    match byte {
        0x80..0xa0 => FROM_0X80[usize::from(byte - 0x80)],
        _ => Some(char::from(byte)),
    }
}

/// The bytes of a text; a letter that has none is written by its number, as in HTML: `&#960;`.
pub(super) fn encode(text: &str) -> Cow<'_, [u8]> {
    if text.is_ascii() {
        return text.as_bytes().into();
    }
    let mut bytes = Vec::with_capacity(text.len());
    for letter in text.chars() {
        match byte(letter) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend(format!("&#{};", u32::from(letter)).into_bytes()),
        }
    }
    bytes.into()
}

fn byte(letter: char) -> Option<u8> {
    match u8::try_from(letter) {
        Ok(byte) if !(0x80..0xa0).contains(&byte) => Some(byte),
        _ => {
            let place = FROM_0X80.iter().position(|&other| other == Some(letter))?;
            Some(0x80 + place as u8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_comes_back_from_its_byte() {
        let letters: Vec<(u8, char)> = (0..=255).filter_map(|b| Some((b, letter(b)?))).collect();
        assert_eq!(letters.len(), 251);
        for (byte, letter) in letters {
            assert_eq!(*encode(&letter.to_string()), [byte], "{letter}");
        }
        assert_eq!(
            [letter(0x80), letter(0x9f), letter(0xe4)],
            [Some('€'), Some('Ÿ'), Some('ä')]
        );
        assert_eq!(*encode("aπ"), *b"a&#960;");
    }
}
