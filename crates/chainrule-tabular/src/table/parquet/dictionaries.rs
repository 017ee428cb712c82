//! Pages of a column, of which no dictionary announces more values than its bytes can hold.
//!
//! The library makes room for as many values as are announced: of two kilobytes, gigabytes.

use ::parquet::column::page::{Page, PageMetadata, PageReader};
use ::parquet::errors::{ParquetError, Result};

/// Reads pages, and refuses such a dictionary.
pub(super) struct Dictionaries(pub Box<dyn PageReader>);

impl PageReader for Dictionaries {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        self.0.get_next_page()?.map(believable).transpose()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.0.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.0.skip_next_page()
    }
}

impl Iterator for Dictionaries {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

/// The page, unless it is a dictionary of more values than bytes.
fn believable(page: Page) -> Result<Page> {
    match &page {
        Page::DictionaryPage {
            buf, num_values, ..
        } if *num_values as usize > buf.len() => {
            let bytes = buf.len();
            Err(ParquetError::General(format!(
                "a dictionary of {num_values} values in {bytes} bytes"
            )))
        }
        _ => Ok(page),
    }
}
