//! UTF-16, piece by piece: a piece may end in the middle of a letter.

/// Appends the letters of the bytes that are whole, and takes these bytes away; at the end of all bytes every letter
/// must be whole. Whether what was read is UTF-16.
pub(super) fn decode(
    bytes: &mut Vec<u8>,
    unit: fn([u8; 2]) -> u16,
    ended: bool,
    text: &mut String,
) -> bool {
    let mut units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| unit([pair[0], pair[1]]))
        .collect();
    let is_first_half = |unit: &u16| (0xd800..0xdc00).contains(unit);
    if !ended && units.last().is_some_and(is_first_half) {
        units.pop();
    }
    let whole = 2 * units.len();
    text.reserve(whole);
    for letter in char::decode_utf16(units) {
        match letter {
            Ok(letter) => text.push(letter),
            Err(_) => return false,
        }
    }
    bytes.drain(..whole);
    !ended || bytes.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_however_its_bytes_are_cut() {
        let said = "aä€𝄞z";
        let all: Vec<u8> = said.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for cut in 0..=all.len() {
            let (mut bytes, mut text) = (all[..cut].to_vec(), String::new());
            assert!(decode(&mut bytes, u16::from_be_bytes, false, &mut text));
            bytes.extend(&all[cut..]);
            assert!(decode(&mut bytes, u16::from_be_bytes, true, &mut text));
            assert_eq!(text, said);
        }
    }

    #[test]
    fn half_a_letter_at_the_end_or_alone_is_no_text() {
        let decoded = |units: &[u16], more: &[u8]| {
            let mut bytes: Vec<u8> = units.iter().copied().flat_map(u16::to_le_bytes).collect();
            bytes.extend(more);
            decode(&mut bytes, u16::from_le_bytes, true, &mut String::new())
        };
        assert!(decoded(&[0x61], &[]));
        assert!(!decoded(&[0x61], &[0x62]));
        assert!(!decoded(&[0xd834], &[]));
        assert!(!decoded(&[0xdd1e, 0x61], &[]));
    }
}
