//! Tables in the shapes of those that everybody starts with: each is read, inspected, learnt and predicted with nothing
//! told but its target. The values are made up.

use std::io::Cursor;

use chainrule::training::{Control, TrainingSettings};
use chainrule_tabular::table::{Inspection, Kind, PlannedReader, ReadOptions, TypedTable};
use chainrule_tabular::{Fitting, RegressorSettings};

/// A shape of table.
struct Shape {
    name: &'static str,
    /// What comes before the rows, line end included.
    head: &'static str,
    row: fn(usize) -> String,
    target: &'static str,
    /// One letter for each column: number, boolean, category, time, or left out.
    kinds: &'static str,
}

const ROWS: usize = 60;

/// One of some words.
fn of<'a>(words: &[&'a str], r: usize) -> &'a str {
    words[r % words.len()]
}

/// A whole number below `most` that looks like chance.
fn some(r: usize, most: usize) -> usize {
    r.wrapping_mul(2_654_435_761) % 65_537 % most
}

/// A gap as the table writes it, in every so many rows.
fn gap(r: usize, every: usize, word: &str, value: String) -> String {
    if r % every == every - 1 {
        word.to_owned()
    } else {
        value
    }
}

const SHAPES: [Shape; 27] = [
    Shape {
        name: "advertising: a counter without a name, all names quoted",
        head: "\"\",\"TV\",\"radio\",\"sales\"\n",
        row: |r| {
            format!(
                "\"{}\",{}.{},{},{}.5\n",
                r + 1,
                some(r, 290),
                r % 10,
                some(r, 49),
                5 + some(r, 20)
            )
        },
        target: "sales",
        kinds: "-nnn",
    },
    Shape {
        name: "shells: no header, a letter first",
        head: "",
        row: |r| {
            format!(
                "{},0.{},0.{},{}\n",
                of(&["M", "F", "I"], r),
                100 + some(r, 700),
                10 + some(r, 90),
                3 + some(r, 20)
            )
        },
        target: "4",
        kinds: "cnnn",
    },
    Shape {
        name: "cars in columns of spaces: ? for gaps, names quoted behind a tab",
        head: "mpg   cylinders  horsepower   origin\tname\n",
        row: |r| {
            let horsepower = gap(r, 20, "?", format!("{}.0", 60 + some(r, 150)));
            format!(
                "{}.0   {}   {horsepower:>8}   {}\t\"car of make {r}\"\n",
                10 + some(r, 30),
                4 + 2 * (r % 3),
                1 + r % 3
            )
        },
        target: "mpg",
        kinds: "nnnn-",
    },
    Shape {
        name: "towns: no header, columns padded by spaces, spaces before the first",
        head: "",
        row: |r| {
            format!(
                " {:>8.5}  {:>6.2}   {}  {:>4} {:>6.2}\n",
                some(r, 900) as f64 / 1e3,
                some(r, 25),
                r % 2,
                some(r, 400),
                5 + some(r, 45)
            )
        },
        target: "5",
        kinds: "nnnnn",
    },
    Shape {
        name: "bicycles by the hour: a counter with a name of its own, ISO dates",
        head: "instant,dteday,hr,weathersit,temp,cnt\n",
        row: |r| {
            format!(
                "{},2011-01-{:02},{},{},0.{},{}\n",
                r + 1,
                1 + r / 24,
                r % 24,
                1 + r % 3,
                10 + some(r, 80),
                1 + some(r, 300)
            )
        },
        target: "cnt",
        kinds: "ntnnnn",
    },
    Shape {
        name: "districts: gaps as nothing, a category at the end",
        head: "longitude,total_rooms,total_bedrooms,ocean_proximity,value\n",
        row: |r| {
            format!(
                "-122.{},{}.0,{},{},{}.0\n",
                some(r, 99),
                500 + some(r, 6000),
                gap(r, 15, "", format!("{}.0", some(r, 900))),
                of(&["NEAR BAY", "<1H OCEAN", "INLAND"], r),
                10_000 + some(r, 50_000)
            )
        },
        target: "value",
        kinds: "nnncn",
    },
    Shape {
        name: "colleges: names in a column without a name",
        head: ",Private,Apps,Grad.Rate\n",
        row: |r| {
            format!(
                "College of Place {r},{},{},{}\n",
                of(&["Yes", "No", "Yes"], r),
                100 + some(r, 9000),
                20 + some(r, 80)
            )
        },
        target: "Apps",
        kinds: "-bnn",
    },
    Shape {
        name: "concrete: long names with brackets, commas and line ends in quotes",
        head: "Cement (component 1)(kg in a m^3 mixture),\"Age, days\",\"Concrete compressive\nstrength(MPa, megapascals) \"\n",
        row: |r| {
            format!(
                "{}.0,{},{}.{}\n",
                100 + some(r, 400),
                of(&["3", "7", "28", "90"], r),
                some(r, 80),
                r % 10
            )
        },
        target: "Concrete compressive\nstrength(MPa, megapascals)",
        kinds: "nnn",
    },
    Shape {
        name: "stones: a counter without a name, ordered categories",
        head: "\"\",\"carat\",\"cut\",\"price\"\n",
        row: |r| {
            format!(
                "\"{}\",0.{},\"{}\",{}\n",
                r + 1,
                20 + some(r, 79),
                of(&["Ideal", "Premium", "Good"], r),
                300 + some(r, 5000)
            )
        },
        target: "price",
        kinds: "-ncn",
    },
    Shape {
        name: "buildings from a workbook: empty columns and rows at the end",
        head: "X1,X2,X6,Y1,,\n",
        row: |r| {
            if r == ROWS - 1 {
                ",,,,,\n".to_owned()
            } else {
                format!(
                    "0.{},{}.5,{},{}.{},,\n",
                    60 + some(r, 40),
                    500 + some(r, 300),
                    2 + r % 4,
                    6 + some(r, 40),
                    r % 10
                )
            }
        },
        target: "Y1",
        kinds: "nnnn",
    },
    Shape {
        name: "fires: months and weekdays as words, a target that is mostly 0",
        head: "X,Y,month,day,FFMC,rain,area\n",
        row: |r| {
            format!(
                "{},{},{},{},{}.2,0.{},{}\n",
                1 + r % 9,
                2 + r % 8,
                of(&["mar", "aug", "sep"], r),
                of(&["mon", "tue", "sat", "sun"], r),
                80 + some(r, 16),
                r % 2,
                if r % 3 == 0 { some(r, 90) } else { 0 }
            )
        },
        target: "area",
        kinds: "nnccnnn",
    },
    Shape {
        name: "countries: tabs",
        head: "country\tcontinent\tyear\tlifeExp\tpop\tgdpPercap\n",
        row: |r| {
            format!(
                "{}\t{}\t{}\t{}.{}\t{}\t{}.4453145\n",
                of(
                    &["Aland", "Borduria", "Syldavia", "Ruritania", "Narnia"],
                    r / 12
                ),
                of(&["Asia", "Europe"], r / 12),
                1952 + 5 * (r % 12),
                30 + some(r, 50),
                r % 10,
                100_000 + some(r, 60_000),
                300 + some(r, 9000)
            )
        },
        target: "lifeExp",
        kinds: "cbnnnn",
    },
    Shape {
        name: "players: names in a column without a name, NA in the target",
        head: "\"\",\"AtBat\",\"Hits\",\"League\",\"Salary\"\n",
        row: |r| {
            format!(
                "\"-Player Number {r}\",{},{},\"{}\",{}\n",
                100 + some(r, 500),
                30 + some(r, 200),
                of(&["A", "N"], r),
                gap(r, 6, "NA", format!("{}.5", 70 + some(r, 2000)))
            )
        },
        target: "Salary",
        kinds: "-nnbn",
    },
    Shape {
        name: "people: semicolons with decimal points",
        head: "\"height\";\"weight\";\"age\";\"male\"\n",
        row: |r| {
            format!(
                "{}.765;{}.8256065;{};{}\n",
                120 + some(r, 60),
                30 + some(r, 40),
                some(r, 80),
                r % 2
            )
        },
        target: "height",
        kinds: "nnnn",
    },
    Shape {
        name: "patients: yes and no",
        head: "age,sex,bmi,smoker,region,charges\n",
        row: |r| {
            format!(
                "{},{},{}.9,{},{},{}.924\n",
                18 + some(r, 46),
                of(&["female", "male"], r),
                18 + some(r, 20),
                of(&["yes", "no", "no"], r),
                of(&["southwest", "southeast", "northwest", "northeast"], r),
                1000 + some(r, 40_000)
            )
        },
        target: "charges",
        kinds: "nbnbcn",
    },
    Shape {
        name: "life: spaces around names, gaps",
        head: "Country,Year,Status,Life expectancy ,Adult Mortality, BMI ,Population\n",
        row: |r| {
            format!(
                "{},{},{},{}.1,{},{},{}\n",
                of(&["Aland", "Borduria", "Syldavia"], r / 20),
                2000 + r % 20,
                of(&["Developing", "Developed"], r / 20),
                50 + some(r, 30),
                some(r, 300),
                gap(r, 9, "", format!("{}.1", some(r, 60))),
                gap(r, 7, "", some(r, 60_000).to_string())
            )
        },
        target: "Life expectancy",
        kinds: "cnbnnnn",
    },
    Shape {
        name: "penguins: NA in words and numbers",
        head: "species,island,bill_length_mm,body_mass_g,sex,year\n",
        row: |r| {
            format!(
                "{},{},{},{},{},{}\n",
                of(&["Adelie", "Gentoo", "Chinstrap"], r / 20),
                of(&["Biscoe", "Dream", "Torgersen"], r / 7),
                gap(r, 10, "NA", format!("{}.1", 32 + some(r, 25))),
                gap(r, 10, "NA", (2700 + 25 * some(r, 100)).to_string()),
                gap(r, 10, "NA", of(&["male", "female"], r).to_owned()),
                2007 + r % 3
            )
        },
        target: "body_mass_g",
        kinds: "ccnnbn",
    },
    Shape {
        name: "pollution: the rows' numbers as No, NA before the first readings",
        head: "No,year,month,day,hour,pm2.5,DEWP,cbwd,Iws\n",
        row: |r| {
            format!(
                "{},2010,1,{},{},{},-{},{},{}.79\n",
                r + 1,
                1 + r / 24,
                r % 24,
                if r < 12 {
                    "NA".to_owned()
                } else {
                    (20 + some(r, 200)).to_string()
                },
                some(r, 20),
                of(&["NW", "cv", "NE", "SE"], r),
                some(r, 40)
            )
        },
        target: "pm2.5",
        kinds: "---nnnncn",
    },
    Shape {
        name: "flats: a counter called No, years with a part",
        head: "No,X1 transaction date,X2 house age,X5 latitude,Y house price of unit area\n",
        row: |r| {
            format!(
                "{},201{}.{}67,{}.5,24.98{},{}.9\n",
                r + 1,
                2 + r % 2,
                1 + r % 9,
                some(r, 40),
                some(r, 999),
                7 + some(r, 70)
            )
        },
        target: "Y house price of unit area",
        kinds: "-nnnn",
    },
    Shape {
        name: "wines: semicolons, quoted names",
        head: "\"fixed acidity\";\"volatile acidity\";\"alcohol\";\"quality\"\n",
        row: |r| {
            format!(
                "{}.4;0.{};{}.4;{}\n",
                4 + some(r, 10),
                1 + some(r, 9),
                8 + some(r, 6),
                3 + some(r, 6)
            )
        },
        target: "quality",
        kinds: "nnnn",
    },
    Shape {
        name: "bicycles by day: days first, yes and no, seasons",
        head: "Date,Rented Bike Count,Hour,Temperature(C),Seasons,Holiday,Functioning Day\n",
        row: |r| {
            format!(
                "{:02}/{:02}/2017,{},{},-{}.2,{},{},{}\n",
                1 + r % 28,
                1 + r / 28,
                some(r, 3000),
                r % 24,
                some(r, 9),
                of(&["Winter", "Spring"], r / 30),
                of(&["No Holiday", "Holiday"], r / 50),
                of(&["Yes", "No"], r / 55)
            )
        },
        target: "Rented Bike Count",
        kinds: "tnnnbbb",
    },
    Shape {
        name: "pupils: semicolons, some texts quoted",
        head: "school;sex;age;Mjob;absences;G3\n",
        row: |r| {
            format!(
                "\"{}\";\"{}\";{};\"{}\";{};{}\n",
                of(&["GP", "MS"], r / 40),
                of(&["F", "M"], r),
                15 + r % 7,
                of(&["at_home", "health", "other", "teacher"], r),
                some(r, 30),
                some(r, 20)
            )
        },
        target: "G3",
        kinds: "bbncnn",
    },
    Shape {
        name: "rides: two points in time, places with gaps",
        head: "pickup,dropoff,passengers,distance,fare,tip,color,payment\n",
        row: |r| {
            format!(
                "2019-03-{:02} {:02}:21:09,2019-03-{:02} {:02}:{}:24,{},{}.6,{}.0,{}.15,{},{}\n",
                1 + r % 28,
                r % 23,
                1 + r % 28,
                r % 23,
                27 + r % 30,
                1 + r % 4,
                some(r, 9),
                5 + some(r, 30),
                some(r, 6),
                of(&["yellow", "green"], r),
                gap(r, 12, "", of(&["cash", "credit card"], r / 2).to_owned())
            )
        },
        target: "fare",
        kinds: "ttnnnnbb",
    },
    Shape {
        name: "bills: short words",
        head: "total_bill,tip,sex,smoker,day,time,size\n",
        row: |r| {
            format!(
                "{}.99,{}.01,{},{},{},{},{}\n",
                3 + some(r, 45),
                1 + some(r, 9),
                of(&["Female", "Male"], r),
                of(&["No", "Yes"], r / 3),
                of(&["Sun", "Sat", "Thur", "Fri"], r / 5),
                of(&["Dinner", "Lunch"], r / 9),
                1 + r % 6
            )
        },
        target: "tip",
        kinds: "nnbbcbn",
    },
    Shape {
        name: "passengers: names with commas and quotes, tickets, cabins that are mostly gaps",
        head: "PassengerId,Survived,Pclass,Name,Sex,Age,Ticket,Fare,Cabin,Embarked\n",
        row: |r| {
            format!(
                "{},{},{},\"Doe, Mr. John \"\"Number {r}\"\"\",{},{},A/5 {}{r},{}.25,{},{}\n",
                r + 1,
                r % 2,
                1 + r % 3,
                of(&["male", "female"], r),
                gap(r, 5, "", (1 + some(r, 70)).to_string()),
                some(r, 99),
                7 + some(r, 70),
                if r % 4 == 0 {
                    format!("C{r}")
                } else {
                    String::new()
                },
                of(&["S", "C", "Q"], r)
            )
        },
        target: "Fare",
        kinds: "-nn-bn-n-c",
    },
    Shape {
        name: "used cars: numbers with units, prices in dollars with grouped digits",
        head: "brand,model_year,milage,fuel_type,accident,price\n",
        row: |r| {
            format!(
                "{},{},\"{},{:03} mi.\",{},{},\"${},{:03}\"\n",
                of(&["Ford", "Audi", "Lexus"], r),
                2005 + r % 18,
                9 + some(r, 90),
                some(r, 999),
                gap(
                    r,
                    14,
                    "",
                    of(&["Gasoline", "Hybrid", "E85 Flex Fuel"], r).to_owned()
                ),
                of(
                    &["None reported", "At least 1 accident or damage reported"],
                    r / 2
                ),
                9 + some(r, 60),
                some(r, 999)
            )
        },
        target: "price",
        kinds: "cnncbn",
    },
    Shape {
        name: "used cars of another dealer: pounds in a name, models that begin with a space",
        head: "model,year,price,transmission,mileage,fuelType,tax(£),mpg,engineSize\n",
        row: |r| {
            format!(
                " {},{},{},{},{},{},{},{}.4,1.{}\n",
                of(&["A1", "A3", "Q2"], r),
                2010 + r % 10,
                2000 + some(r, 30_000),
                of(&["Manual", "Automatic", "Semi-Auto"], r),
                some(r, 60_000),
                of(&["Petrol", "Diesel"], r),
                30 * (r % 5),
                30 + some(r, 40),
                r % 7
            )
        },
        target: "price",
        kinds: "cnncnbnnn",
    },
];

fn letter(kind: Kind) -> char {
    match kind {
        Kind::Number => 'n',
        Kind::Boolean => 'b',
        Kind::Category => 'c',
        Kind::Time => 't',
        Kind::LeftOut => '-',
    }
}

#[test]
fn tables_that_everybody_starts_with_train_with_nothing_told_but_their_target() {
    for shape in SHAPES {
        let name = shape.name;
        let rows: String = (0..ROWS).map(shape.row).collect();
        let text = format!("{}{rows}", shape.head);
        let options = ReadOptions {
            targets: vec![shape.target.to_owned()],
            ..ReadOptions::default()
        };
        let (table, findings) = TypedTable::from_reader(Cursor::new(text.clone()), "t", &options)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let kinds: String = table
            .columns()
            .iter()
            .map(|column| letter(column.kind()))
            .collect();
        assert_eq!(kinds, shape.kinds, "{name}: {findings:?}");
        let target = match table.column(shape.target) {
            Some(_) => shape.target.to_owned(),
            None => format!("c{}", shape.target),
        };
        let inspection = Inspection::of(&table, findings, std::slice::from_ref(&target));
        assert!(serde_json::to_string(&inspection).is_ok(), "{name}");

        let settings = RegressorSettings {
            hidden: vec![8],
            training: TrainingSettings {
                epochs: 3,
                threads: 1,
                ..TrainingSettings::default()
            },
            ..RegressorSettings::default()
        };
        let mut fitting = Fitting::new(&table, target.as_str(), settings)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        fitting.run(&mut |_| Control::Continue).unwrap();
        let model = fitting.regressor();
        let whole = model.predict(&table).unwrap().values;
        assert!(whole.iter().all(Option::is_some), "{name}");

        // The same file by the model's plan.
        let wanted: Vec<String> = model.columns().into_iter().map(str::to_owned).collect();
        let mut reader = PlannedReader::from_reader(
            Cursor::new(text),
            "t",
            model.plan(),
            &wanted,
            &ReadOptions::default(),
        )
        .unwrap_or_else(|error| panic!("{name}: {error}"));
        let block = reader.next_block().unwrap().expect("rows");
        assert_eq!(model.predict(&block.table).unwrap().values, whole, "{name}");
        assert_eq!(reader.problems(), [], "{name}");
    }
}
