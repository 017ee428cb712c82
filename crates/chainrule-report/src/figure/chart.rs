//! A chart as data: two axes and what lies between them, layer upon layer.

use super::Axis;

/// Two axes, their words, and what is drawn between them.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub title: Option<&'static str>,
    pub x_label: &'static str,
    pub y_label: &'static str,
    pub x: Axis,
    pub y: Axis,
    /// From the lowest to the uppermost.
    pub layers: Vec<Layer>,
}

/// Marks of one kind. Coordinates are values of the axes, widths are in pixels, an opacity of 0 is not to be seen.
#[derive(Clone, Debug)]
pub(crate) enum Layer {
    Line {
        points: Vec<(f64, f64)>,
        ink: Ink,
        width: f64,
        opacity: f64,
    },
    Dots {
        points: Vec<(f64, f64)>,
        ink: Ink,
        radius: f64,
        opacity: f64,
    },
    Boxes(Vec<Rectangle>, Ink),
    /// A filled area within these corners.
    Area {
        corners: Vec<(f64, f64)>,
        ink: Ink,
        opacity: f64,
    },
}

/// A filled rectangle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rectangle {
    pub x: (f64, f64),
    pub y: (f64, f64),
    pub opacity: f64,
}

/// What a colour is for. A page that is light or dark gives each its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Words of titles.
    Text,
    /// Words of axes.
    Words,
    /// Lines behind everything.
    Grid,
    /// What data are compared with.
    Rule,
    /// What the figure is about.
    Data,
    /// A second kind of data.
    Second,
}

impl Layer {
    /// A line of data.
    pub(crate) fn line(points: Vec<(f64, f64)>, ink: Ink) -> Layer {
        Layer::Line {
            points,
            ink,
            width: 2.0,
            opacity: 1.0,
        }
    }

    /// A straight line that data are compared with.
    pub(crate) fn rule(from: (f64, f64), to: (f64, f64)) -> Layer {
        Layer::Line {
            points: vec![from, to],
            ink: Ink::Rule,
            width: 1.5,
            opacity: 1.0,
        }
    }
}

impl Ink {
    pub(crate) const ALL: [Ink; 6] = [
        Ink::Text,
        Ink::Words,
        Ink::Grid,
        Ink::Rule,
        Ink::Data,
        Ink::Second,
    ];

    /// Red, green and blue on white: blue and vermilion are told apart by everybody (Okabe and Ito 2008).
    pub(crate) fn on_white(self) -> (u8, u8, u8) {
        match self {
            Ink::Text => (0x1b, 0x24, 0x30),
            Ink::Words => (0x55, 0x61, 0x6f),
            Ink::Grid => (0xe3, 0xe7, 0xec),
            Ink::Rule => (0x8a, 0x95, 0xa3),
            Ink::Data => (0x00, 0x72, 0xb2),
            Ink::Second => (0xd5, 0x5e, 0x00),
        }
    }

    /// The name of its variable in a page's style.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Ink::Text => "--text",
            Ink::Words => "--words",
            Ink::Grid => "--grid",
            Ink::Rule => "--rule",
            Ink::Data => "--data",
            Ink::Second => "--second",
        }
    }

    /// As the figures have it: `#0072B2`.
    pub(crate) fn code(self) -> String {
        let (r, g, b) = self.on_white();
        format!("#{r:02X}{g:02X}{b:02X}")
    }
}
