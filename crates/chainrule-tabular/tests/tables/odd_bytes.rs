//! Bytes that hardly are a table: whatever they are, there is an error or a table, and never a panic.

use std::io::Cursor;
use std::time::{Duration, Instant};

use chainrule_tabular::table::{PlannedReader, ReadOptions, TypedTable};
use proptest::prelude::*;

/// Small tables and what is none, each the beginning of a kind of odd input.
const SEEDS: [&[u8]; 26] = [
    b"a,b,y\n1,x,2.5\n2,z,3\n,x,-1e3\n",
    b"a;b;y\r\n1,5;\"x \"\"y\"\";2\r\n2,5;\"z\r\nw\";3\r\n",
    b"\xef\xbb\xbfa\ty\n1\t2\n3\t4\n",
    b"\xff\xfea\0,\0y\0\n\x001\0,\x002\0\n\0",
    b"\xfe\xff\0a\0,\0y\0\n\x001\0,\x002\0\n",
    b"temp \xb0C,y\n1,2\n3,4\n",
    b"  mpg  name\n 18.0  \"a b\"\n 15.0\t\"c\"\n",
    b"sep=;\na;y\n1;2\n",
    b"# title\n\na,y\n1,2\n\n,\n",
    b"d,y\n31/12/2020,1\n1/1/2021 23:59,2\n",
    b"d,y\n2020-02-30T25:61:61Z,1\n9999-12-31,2\n",
    b"p,y\n\"$1,234.50\",1\n(12),2\n\xe2\x88\x927,3\n",
    b"p,y\n1'234,1\n1 234 567,2\n1.234.567,3\n",
    b"{\"a\":1,\"y\":2}\n{\"a\":null,\"y\":[1]}\n{\"b\":\"\\ud83d\",\"y\":1e999}\n",
    b"[{\"a\":1},{\"a\":{\"b\":2}}]",
    b"{\"a\":1,\"a\":2}\n{}\n",
    b"PAR1\x15\x04PAR1",
    b"PK\x03\x04[Content_Types].xml",
    b"\x1f\x8b\x08\0\0\0\0\0",
    b"\x28\xb5\x2f\xfd\x04\0",
    b"\"",
    b"\r\r\r",
    b",,,\n,,,\n",
    b"y\n",
    b"a,a,a (2),\n1,2,3,4\n",
    b"\0\0\0\0",
];

/// Reads bytes, and again by the plan that was made of them.
fn read(bytes: &[u8]) {
    let input = || Cursor::new(bytes.to_vec());
    let options = ReadOptions::default();
    let Ok((table, _)) = TypedTable::from_reader(input(), "odd", &options) else {
        return;
    };
    assert!(table.rows() > 0);
    let columns = table.columns().iter();
    let names: Vec<String> = columns.map(|column| column.name().to_owned()).collect();
    let plan = table.plan(Vec::new());
    let planned = PlannedReader::from_reader(input(), "odd", &plan, &names, &options);
    let Ok(mut reader) = planned else {
        return;
    };
    let mut rows = 0;
    while let Ok(Some(block)) = reader.next_block() {
        rows += block.table.rows();
    }
    assert!(
        rows <= table.rows(),
        "{rows} rows by the plan, {} before",
        table.rows()
    );
}

#[test]
fn every_odd_input_is_an_error_or_a_table_and_so_is_each_of_its_beginnings() {
    for seed in SEEDS {
        (0..=seed.len()).for_each(|end| read(&seed[..end]));
    }
}

/// Small tables of every format, and inputs on which fuzzing has found a way of its own.
fn kept() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    let files = std::fs::read_dir(folder).expect("the corpus");
    let bytes = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
    bytes.collect()
}

#[test]
fn every_kept_input_is_an_error_or_a_table_and_so_is_what_is_left_of_it() {
    let kept = kept();
    assert!(kept.len() > 20, "the corpus is there");
    for bytes in kept {
        let start = Instant::now();
        read(&bytes);
        assert!(start.elapsed() < Duration::from_secs(5), "some kilobytes"); // they take milliseconds
        // A format that is read from its end loses it; a packed one loses its check.
        (0..32).for_each(|part| read(&bytes[..bytes.len() * part / 32]));
        (0..32).for_each(|part| read(&bytes[bytes.len() * part / 32..]));
        for part in 0..64 {
            let mut changed = bytes.clone();
            let at = bytes.len() * part / 64;
            changed
                .get_mut(at)
                .into_iter()
                .for_each(|byte| *byte ^= 0x55);
            read(&changed);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_an_odd_input_makes_a_reader_panic(
        seed in 0..SEEDS.len(),
        other in 0..SEEDS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 0..6),
        joined in any::<bool>(),
    ) {
        let mut bytes = SEEDS[seed].to_vec();
        if joined {
            bytes.extend_from_slice(SEEDS[other]);
        }
        for (place, byte, change) in changes {
            let at = place.index(bytes.len().max(1));
            match change {
                _ if bytes.is_empty() => bytes.push(byte),
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                _ => bytes[at] = *b",;\"\n\r\t .{}"[..].get(usize::from(byte) % 10).unwrap_or(&0),
            }
        }
        read(&bytes);
    }
}
