//! Formats that are no text: each gives the same typed columns, and says what it cannot read.

use chainrule_tabular::TableError;
#[cfg(feature = "parquet")]
use chainrule_tabular::table::WiderParquet;
use chainrule_tabular::table::plan::Resolution;
use chainrule_tabular::table::source::{Block, Cell, Source};
use chainrule_tabular::table::{
    Column, Findings, Kind, PlannedReader, ReadOptions, TypedTable, Values,
};

fn read(bytes: Vec<u8>, options: &ReadOptions) -> Result<(TypedTable, Findings), TableError> {
    TypedTable::from_reader(std::io::Cursor::new(bytes), "t", options)
}

#[track_caller]
fn numbers(table: &TypedTable, name: &str) -> Vec<f64> {
    let column = table.column(name).unwrap();
    column
        .numbers()
        .unwrap_or_else(|| panic!("{name} is {:?}", column.plan()))
        .into_owned()
}

#[cfg(feature = "parquet")]
mod parquet_files {
    use std::sync::Arc;

    use parquet::basic::Compression;
    use parquet::column::writer::ColumnWriter;
    use parquet::data_type::{ByteArray, FixedLenByteArray};
    use parquet::file::properties::WriterProperties;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    use proptest::prelude::*;

    use super::*;

    const ROWS: usize = 10;

    /// A file of these columns, each row in an even place missing where the column may lack values.
    fn file(schema: &str, compression: Compression, groups: usize) -> Vec<u8> {
        let schema = Arc::new(parse_message_type(&format!("message t {{ {schema} }}")).unwrap());
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .build();
        let mut bytes = Vec::new();
        let mut writer =
            SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
        for _ in 0..groups {
            let mut group = writer.next_row_group().unwrap();
            while let Some(mut column) = group.next_column().unwrap() {
                let typed = column.untyped();
                let description = match typed {
                    ColumnWriter::BoolColumnWriter(w) => w.get_descriptor().clone(),
                    ColumnWriter::Int32ColumnWriter(w) => w.get_descriptor().clone(),
                    ColumnWriter::Int64ColumnWriter(w) => w.get_descriptor().clone(),
                    ColumnWriter::FloatColumnWriter(w) => w.get_descriptor().clone(),
                    ColumnWriter::DoubleColumnWriter(w) => w.get_descriptor().clone(),
                    ColumnWriter::ByteArrayColumnWriter(w) => w.get_descriptor().clone(),
                    ColumnWriter::FixedLenByteArrayColumnWriter(w) => w.get_descriptor().clone(),
                    ColumnWriter::Int96ColumnWriter(w) => w.get_descriptor().clone(),
                };
                let optional = description.max_def_level() > 0;
                let levels: Vec<i16> = (0..ROWS).map(|i| (i % 2) as i16).collect();
                let levels = optional.then_some(levels.as_slice());
                let present = || (0..ROWS).filter(move |i| !optional || i % 2 == 1);
                let text = |i: usize| ByteArray::from(["Au", "Wil", "Chur"][i % 3]);
                match typed {
                    ColumnWriter::BoolColumnWriter(w) => w.write_batch(
                        &present().map(|i| i % 3 == 0).collect::<Vec<_>>(),
                        levels,
                        None,
                    ),
                    ColumnWriter::Int32ColumnWriter(w) => w.write_batch(
                        &present().map(|i| i as i32 - 3).collect::<Vec<_>>(),
                        levels,
                        None,
                    ),
                    ColumnWriter::Int64ColumnWriter(w) => w.write_batch(
                        &present()
                            .map(|i| i as i64 * 1_000 - 3_000)
                            .collect::<Vec<_>>(),
                        levels,
                        None,
                    ),
                    ColumnWriter::FloatColumnWriter(w) => w.write_batch(
                        &present().map(|i| i as f32 + 0.1).collect::<Vec<_>>(),
                        levels,
                        None,
                    ),
                    ColumnWriter::DoubleColumnWriter(w) => w.write_batch(
                        &present().map(|i| i as f64 + 0.25).collect::<Vec<_>>(),
                        levels,
                        None,
                    ),
                    ColumnWriter::ByteArrayColumnWriter(w) => {
                        w.write_batch(&present().map(text).collect::<Vec<_>>(), levels, None)
                    }
                    ColumnWriter::FixedLenByteArrayColumnWriter(w) => {
                        let bytes = |i: usize| {
                            let value = (i as i32 * 25 - 50).to_be_bytes();
                            let length = description.type_length() as usize;
                            FixedLenByteArray::from(value[4 - length..].to_vec())
                        };
                        w.write_batch(&present().map(bytes).collect::<Vec<_>>(), levels, None)
                    }
                    ColumnWriter::Int96ColumnWriter(_) => {
                        unreachable!("nobody writes these any more")
                    }
                }
                .unwrap();
                column.close().unwrap();
            }
            group.close().unwrap();
        }
        writer.close().unwrap();
        bytes
    }

    #[test]
    fn all_usual_types_are_read() {
        let schema = "required int32 small; optional double gaps; required float single; required boolean sold;
            optional binary town (UTF8); required int32 day (DATE); required int64 moment (TIMESTAMP(MILLIS,true));
            required fixed_len_byte_array(2) price (DECIMAL(4,2)); required int64 cents (DECIMAL(9,2));
            required int32 natural (INTEGER(32,false));";
        for compression in [
            Compression::UNCOMPRESSED,
            Compression::SNAPPY,
            Compression::ZSTD(Default::default()),
            Compression::GZIP(Default::default()),
            Compression::LZ4_RAW,
            Compression::BROTLI(Default::default()),
        ] {
            let (table, findings) =
                read(file(schema, compression, 2), &ReadOptions::default()).unwrap();
            assert_eq!(
                (findings.format.as_str(), table.rows(), table.line(10)),
                ("Parquet", 2 * ROWS, 11)
            );
            assert_eq!(numbers(&table, "small")[..4], [-3.0, -2.0, -1.0, 0.0]);
            let gaps = numbers(&table, "gaps");
            assert!(
                gaps[0].is_nan() && gaps[1] == 1.25 && gaps[10].is_nan() && gaps[19] == 9.25,
                "{gaps:?}"
            );
            assert_eq!(
                numbers(&table, "single")[2],
                2.1,
                "as it was written, not 2.0999999"
            );
            assert_eq!(numbers(&table, "sold")[..3], [1.0, 0.0, 0.0]);
            assert_eq!(
                table.column("town").unwrap().levels(),
                ["Au", "Chur", "Wil"]
            );
            assert_eq!(table.column("town").unwrap().missing(), ROWS);
            let Values::Time(days) = table.column("day").unwrap().values() else {
                panic!("dates")
            };
            assert_eq!(days[4], 86_400_000_000);
            let Values::Time(moments) = table.column("moment").unwrap().values() else {
                panic!("times")
            };
            assert_eq!(moments[4], 1_000_000);
            assert_eq!(numbers(&table, "price")[..4], [-0.5, -0.25, 0.0, 0.25]);
            assert_eq!(numbers(&table, "cents")[..4], [-30.0, -20.0, -10.0, 0.0]);
            assert_eq!(numbers(&table, "natural")[0], 4_294_967_293.0);
        }
    }

    #[test]
    fn packings_that_files_of_others_use_are_read_from_a_file_as_from_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("no-matter.csv");
        let bytes = file(
            "required double x; required double y;",
            Compression::SNAPPY,
            1,
        );
        std::fs::write(&path, &bytes).unwrap();
        let from_file = TypedTable::read(&path, &ReadOptions::default()).unwrap().0;
        assert_eq!(
            from_file.columns(),
            read(bytes, &ReadOptions::default()).unwrap().0.columns()
        );
    }

    #[test]
    fn nested_columns_and_columns_of_other_types_are_refused_by_name() {
        for (schema, name) in [
            (
                "required group place { required double lat; } required double y;",
                "\"place.lat\" holds several values",
            ),
            (
                "repeated double many; required double y;",
                "\"many\" holds several values",
            ),
            (
                "required fixed_len_byte_array(4) raw; required double y;",
                "\"raw\" is of a type",
            ),
        ] {
            let bytes = empty(schema);
            let message = read(bytes, &ReadOptions::default())
                .unwrap_err()
                .to_string();
            assert!(
                message.starts_with("t cannot be read as Parquet: column")
                    && message.contains(name),
                "{message}"
            );
        }
    }

    /// A file without rows.
    fn empty(schema: &str) -> Vec<u8> {
        let schema = Arc::new(parse_message_type(&format!("message t {{ {schema} }}")).unwrap());
        let mut bytes = Vec::new();
        let writer =
            SerializedFileWriter::new(&mut bytes, schema, Arc::new(WriterProperties::new()))
                .unwrap();
        writer.close().unwrap();
        bytes
    }

    #[test]
    fn a_file_that_is_cut_off_is_refused() {
        let bytes = file(
            "required double x; required double y;",
            Compression::SNAPPY,
            1,
        );
        for length in [4, 20, bytes.len() / 2, bytes.len() - 1] {
            let message = read(bytes[..length].to_vec(), &ReadOptions::default())
                .unwrap_err()
                .to_string();
            assert!(
                message.starts_with("t cannot be read as Parquet"),
                "{length}: {message}"
            );
        }
    }

    /// All rows as the library shows them.
    fn rows(bytes: Vec<u8>) -> Vec<String> {
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        let rows = reader.get_row_iter(None).unwrap();
        rows.map(|row| row.unwrap().to_string()).collect()
    }

    #[test]
    fn a_file_comes_back_as_it_is_stored_with_further_columns() {
        let schema = "required int64 id; optional int32 day (DATE); optional binary town (UTF8);
            optional fixed_len_byte_array(3) price (DECIMAL(6, 2)); optional boolean sold; required float area;";
        for (compression, groups) in [
            (Compression::UNCOMPRESSED, 1),
            (Compression::SNAPPY, 3),
            (Compression::ZSTD(Default::default()), 2),
        ] {
            let before = file(schema, compression, groups);
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("t.parquet");
            std::fs::write(&path, &before).unwrap();
            let names = ["guess", "twice"].map(str::to_owned);
            let value = |row: usize| (row % 4 != 1).then_some(row as f64 / 3.0);
            let written = |count: usize, piece: usize| {
                let mut out = Vec::new();
                let mut copy = WiderParquet::begin(&path, &names, &mut out).unwrap();
                for begin in (0..count).step_by(piece) {
                    let rows = begin..count.min(begin + piece);
                    let own = |by| rows.clone().map(|row| Some(by * value(row)?)).collect();
                    copy.push(&[own(1.0), own(2.0)])?;
                }
                copy.finish()?;
                Ok::<Vec<u8>, parquet::errors::ParquetError>(out)
            };
            let count = groups * ROWS;
            for piece in [1, 7, ROWS, 1000] {
                let after = rows(written(count, piece).unwrap());
                for (row, (before, after)) in rows(before.clone()).iter().zip(&after).enumerate() {
                    let (stored, own) = after.rsplit_once(", guess: ").unwrap();
                    assert_eq!(stored, before.trim_end_matches('}'), "row {row}");
                    let (own, twice) = own.split_once(", twice: ").unwrap();
                    assert_eq!(own.parse().ok(), value(row), "row {row}");
                    let twice: Option<f64> = twice.trim_end_matches('}').parse().ok();
                    assert_eq!(twice, value(row).map(|own| 2.0 * own), "row {row}");
                }
                assert_eq!(after.len(), count);
            }
            for wrong in [count - 1, count + 1] {
                assert!(written(wrong, 7).is_err(), "{wrong} values");
            }
            // Read as a table, it has the same columns and the new one.
            let (table, _) = read(written(count, 7).unwrap(), &ReadOptions::default()).unwrap();
            assert_eq!(table.columns().len(), 8);
            assert_eq!(numbers(&table, "guess")[2], 2.0 / 3.0);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

        #[test]
        fn no_damage_of_a_file_ends_in_a_panic(at: prop::sample::Index, to: u8) {
            let mut bytes = file("optional double x; required binary y (UTF8);", Compression::SNAPPY, 1);
            let at = at.index(bytes.len());
            bytes[at] = to;
            let _ = read(bytes, &ReadOptions::default());
        }
    }
}

#[cfg(feature = "workbook")]
mod workbooks {
    use proptest::prelude::*;

    use super::*;

    /// An archive of these files, not compressed.
    fn zip(files: &[(&str, &str)]) -> Vec<u8> {
        let (mut bytes, mut directory) = (Vec::new(), Vec::new());
        for (name, text) in files {
            let (checksum, length) = (crc32fast::hash(text.as_bytes()), text.len() as u32);
            let mut description = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
            description.extend(checksum.to_le_bytes());
            description.extend(length.to_le_bytes());
            description.extend(length.to_le_bytes());
            description.extend((name.len() as u16).to_le_bytes());
            description.extend([0, 0]);
            directory.extend(b"PK\x01\x02\x14\x00");
            directory.extend(&description);
            directory.extend([0; 10]);
            directory.extend((bytes.len() as u32).to_le_bytes());
            directory.extend(name.as_bytes());
            bytes.extend(b"PK\x03\x04");
            bytes.extend(&description);
            bytes.extend(name.as_bytes());
            bytes.extend(text.as_bytes());
        }
        let begin = bytes.len() as u32;
        bytes.extend(&directory);
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        bytes.extend((files.len() as u16).to_le_bytes());
        bytes.extend((files.len() as u16).to_le_bytes());
        bytes.extend((directory.len() as u32).to_le_bytes());
        bytes.extend(begin.to_le_bytes());
        bytes.extend([0, 0]);
        bytes
    }

    /// A workbook of two sheets, the second with the given rows; style 1 is a date.
    fn workbook(rows: &str) -> Vec<u8> {
        let sheet = |rows: &str| {
            format!(
                "<?xml version=\"1.0\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
                 <sheetData>{rows}</sheetData></worksheet>"
            )
        };
        zip(&[
            (
                "[Content_Types].xml",
                "<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>",
            ),
            (
                "_rels/.rels",
                "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
                 <Relationship Id=\"r0\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
                 Target=\"xl/workbook.xml\"/></Relationships>",
            ),
            (
                "xl/workbook.xml",
                "<?xml version=\"1.0\"?><workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
                 xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>\
                 <sheet name=\"Notes\" sheetId=\"1\" r:id=\"r1\"/><sheet name=\"Houses\" sheetId=\"2\" r:id=\"r2\"/>\
                 </sheets></workbook>",
            ),
            (
                "xl/_rels/workbook.xml.rels",
                "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
                 <Relationship Id=\"r1\" Type=\"worksheet\" Target=\"worksheets/sheet1.xml\"/>\
                 <Relationship Id=\"r2\" Type=\"worksheet\" Target=\"worksheets/sheet2.xml\"/></Relationships>",
            ),
            (
                "xl/styles.xml",
                "<?xml version=\"1.0\"?><styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
                 <cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>",
            ),
            (
                "xl/worksheets/sheet1.xml",
                &sheet("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>x</t></is></c></row>"),
            ),
            ("xl/worksheets/sheet2.xml", &sheet(rows)),
        ])
    }

    fn text(place: &str, text: &str) -> String {
        format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    }

    fn row(number: usize, cells: &[String]) -> String {
        format!("<row r=\"{number}\">{}</row>", cells.concat())
    }

    fn houses() -> Vec<u8> {
        let mut rows = row(1, &[text("A1", "Houses of 2024")]);
        rows += &row(
            3,
            &[
                text("A3", " area "),
                text("B3", "town"),
                text("C3", "sold"),
                text("D3", "price"),
            ],
        );
        for (i, town) in ["Au", "Wil", "Au", "Chur"].into_iter().enumerate() {
            let at = i + 4;
            rows += &row(
                at,
                &[
                    if i == 2 {
                        String::new()
                    } else {
                        format!("<c r=\"A{at}\"><v>{}.5</v></c>", 50 + i)
                    },
                    text(&format!("B{at}"), town),
                    format!("<c r=\"C{at}\" s=\"1\"><v>{}</v></c>", 45_292 + i),
                    text(&format!("D{at}"), &format!("1,{}00 $", i + 2)),
                ],
            );
        }
        workbook(&rows)
    }

    #[test]
    fn a_sheet_is_a_table_with_its_gaps_dates_and_titles() {
        for sheet in ["Houses", "2"] {
            let options = ReadOptions {
                sheet: Some(sheet.to_owned()),
                ..ReadOptions::default()
            };
            let (table, findings) = read(houses(), &options).unwrap();
            assert_eq!(findings.sheet.as_deref(), Some("Houses"));
            assert!(
                findings.notes[0].contains("titles above the header"),
                "{:?}",
                findings.notes
            );
            let area = numbers(&table, "area");
            assert!(
                area[0] == 50.5 && area[2].is_nan() && area[3] == 53.5,
                "{area:?}"
            );
            assert_eq!(table.column("town").unwrap().kind(), Kind::Category);
            let Values::Time(sold) = table.column("sold").unwrap().values() else {
                panic!("dates")
            };
            assert_eq!(sold[0], 1_704_067_200_000_000, "1 January 2024");
            assert_eq!(numbers(&table, "price"), [1200.0, 1300.0, 1400.0, 1500.0]);
            assert_eq!(table.line(0), 4);
        }
    }

    #[test]
    fn a_sheet_that_is_not_there_is_refused_with_those_that_are() {
        let options = ReadOptions {
            sheet: Some("House".to_owned()),
            ..ReadOptions::default()
        };
        let message = read(houses(), &options).unwrap_err().to_string();
        assert!(
            message.contains("no sheet \"House\": its sheets are \"Notes\", \"Houses\""),
            "{message}"
        );
    }

    #[test]
    fn an_error_in_a_cell_is_refused_with_its_place() {
        let rows = row(1, &[text("A1", "x"), text("B1", "y")]);
        let cells: String = (2..9)
            .map(|at| {
                let x = if at == 5 {
                    "t=\"e\"><v>#DIV/0!</v>".to_owned()
                } else {
                    format!("><v>{at}</v>")
                };
                row(
                    at,
                    &[
                        format!("<c r=\"A{at}\" {x}</c>"),
                        format!("<c r=\"B{at}\"><v>{}</v></c>", at * at),
                    ],
                )
            })
            .collect();
        let options = ReadOptions {
            sheet: Some("2".to_owned()),
            ..ReadOptions::default()
        };
        let message = read(workbook(&(rows + &cells)), &options)
            .unwrap_err()
            .to_string();
        assert!(
            message.starts_with("t, line 5, column \"x\": \"#DIV/0!\""),
            "{message}"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

        #[test]
        fn no_damage_makes_the_reader_panic(at: prop::sample::Index, to: u8) {
            let mut bytes = houses();
            let at = at.index(bytes.len());
            bytes[at] = to;
            let _ = read(bytes, &ReadOptions { sheet: Some("2".to_owned()), ..ReadOptions::default() });
        }
    }
}

/// Rows that a program has in memory: areas with a gap, kinds and days.
struct InMemory {
    names: Vec<String>,
    given: bool,
}

impl InMemory {
    fn new() -> Box<InMemory> {
        let names = ["area", "kind", "sold"].map(str::to_owned).to_vec();
        Box::new(InMemory {
            names,
            given: false,
        })
    }
}

impl Source for InMemory {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn next_block(&mut self, block: &mut Block) -> Result<bool, TableError> {
        block.begin(3, 4, 1);
        for (row, area) in [52.5, 80.25, 61.0].into_iter().enumerate() {
            block.put(row, 0, Cell::Number(area));
        }
        for (row, kind) in ["flat", "house", "flat", "loft"].into_iter().enumerate() {
            block.put(row, 1, Cell::Text(kind));
            let day = 86_400_000_000 * row as i64;
            block.put(row, 2, Cell::Time(day, Resolution::Day));
        }
        Ok(!std::mem::replace(&mut self.given, true))
    }

    fn findings(&self) -> Findings {
        Findings::default()
    }
}

#[test]
fn rows_in_memory_are_read_as_a_file_is() {
    let csv = "area,kind,sold\n52.5,flat,1970-01-01\n80.25,house,1970-01-02\n61.0,flat,1970-01-03\n,loft,1970-01-04\n";
    let options = ReadOptions::default();
    let (from_text, _) = TypedTable::from_reader(csv.as_bytes(), "t", &options).unwrap();
    let (table, _) = TypedTable::from_source(InMemory::new(), "t", &options).unwrap();
    assert_eq!(table.line(3), 4);
    for (column, expected) in table.columns().iter().zip(from_text.columns()) {
        assert_eq!(column.plan(), expected.plan());
        assert_eq!(column.kind(), expected.kind());
        let texts = |column: &Column| -> Vec<_> { (0..4).map(|row| column.text(row)).collect() };
        assert_eq!(texts(column), texts(expected));
    }
    let (plan, wanted) = (
        table.plan(Vec::new()),
        ["sold".to_owned(), "area".to_owned()],
    );
    let reader = PlannedReader::from_source(InMemory::new(), "t", &plan, &wanted, &options);
    let mut reader = reader.unwrap();
    let block = reader.next_block().unwrap().unwrap().table;
    assert_eq!(
        block.columns()[1].numbers().unwrap()[..3],
        [52.5, 80.25, 61.0]
    );
    assert!(block.column("area").unwrap().is_missing(3) && block.column("kind").is_none());
    assert!(reader.next_block().unwrap().is_none());
}
