"""What the demo is made of: people, places and sentences."""
# ruff: noqa: E501 - sentences are kept whole

FIRST_NAMES = (
    "Amelia Oliver Isla George Freya Arthur Niamh Rory Aisha Imran Priya Arjun Elena Mateo Lucía Diego Ioana Andrei Mihaela Radu "
    "Sofía Hugo Chloe Harry Grace Leo Ruby Theo Maya Finn Zara Omar Nadia Tomás Clara Jonas Ingrid Marek Hana Yuki Kenji Amara Kofi"
).split()
LAST_NAMES = (
    "Hughes Patel O'Connor Walker Murphy Khan Ahmed Sharma Bennett Foster García Fernández Moreno Popescu Ionescu Dumitru Stan Cooper "
    "Ward Brennan Gallagher Shaw Lawson Reid Marsh Novak Lindqvist Okafor Mensah Tanaka Sato Rossi Costa Silva Weber Larsen Doyle Quinn"
).split()

#: Name, type, industry, size, city, region, postcode, country, web name.
ACCOUNTS = (
    ("Hotel Mirador", "company", "Hospitality", "50-249", "London", "GB-LND", "SE1 9PX", "GB", "hotelmirador"),
    ("The Copper Kettle", "company", "Café", "2-9", "London", "GB-LND", "E8 3RH", "GB", "copperkettle"),
    (
        "Northgate Library Café",
        "institution",
        "Public sector",
        "10-49",
        "Manchester",
        "GB-MAN",
        "M2 5PD",
        "GB",
        "northgatelibrary",
    ),
    ("Finch & Daughters", "company", "Bakery", "2-9", "Bristol", "GB-BST", "BS1 4QA", "GB", "finchanddaughters"),
    ("Harbour Street Offices", "company", "Coworking", "10-49", "Dublin", "IE-D", "D02 X285", "IE", "harbourstreet"),
    ("Casa Lumbre", "company", "Restaurant", "10-49", "Madrid", "ES-MD", "28004", "ES", "casalumbre"),
    ("Cafeneaua Veche 9", "company", "Café", "2-9", "București", "RO-B", "030167", "RO", "cafeneauaveche"),
    ("St. Brannock's Hospital", "institution", "Health", "1000+", "Exeter", "GB-DEV", "EX2 5DW", "GB", "stbrannocks"),
    ("Lumen Studios", "company", "Media", "50-249", "London", "GB-LND", "N1 7GU", "GB", "lumenstudios"),
    ("Barrow Brothers", "company", "Wholesale", "50-249", "Leeds", "GB-LDS", "LS1 4DY", "GB", "barrowbrothers"),
    ("University of Wexcombe", "institution", "Education", "1000+", "Oxford", "GB-OXF", "OX1 2JD", "GB", "wexcombe"),
    (
        "Tidewater Ferries",
        "company",
        "Transport",
        "250-999",
        "Portsmouth",
        "GB-POR",
        "PO1 3AX",
        "GB",
        "tidewaterferries",
    ),
    ("Kestrel Cycles", "company", "Retail", "10-49", "Edinburgh", "GB-EDH", "EH1 1RE", "GB", "kestrelcycles"),
    ("Grupo Almendro", "company", "Hospitality", "250-999", "Sevilla", "ES-SE", "41001", "ES", "grupoalmendro"),
    ("Almendro Triana", "company", "Restaurant", "10-49", "Sevilla", "ES-SE", "41010", "ES", "almendrotriana"),
    ("Almendro Nervión", "company", "Restaurant", "10-49", "Sevilla", "ES-SE", "41005", "ES", "almendronervion"),
    ("Pensiunea Brazilor", "company", "Hospitality", "2-9", "Brașov", "RO-BV", "500030", "RO", "pensiuneabrazilor"),
    ("Quill & Compass", "company", "Bookshop", "2-9", "Bath", "GB-BAS", "BA1 1LT", "GB", "quillandcompass"),
    ("Meridian Law", "company", "Legal", "50-249", "London", "GB-LND", "EC4A 2AB", "GB", "meridianlaw"),
    ("Harrow & Vale Dental", "company", "Health", "10-49", "Cardiff", "GB-CRF", "CF10 1EP", "GB", "harrowvale"),
    ("Orchard Row Market", "company", "Retail", "10-49", "Norwich", "GB-NFK", "NR2 1TF", "GB", "orchardrow"),
    (
        "Redwood Robotics",
        "company",
        "Manufacturing",
        "250-999",
        "Cambridge",
        "GB-CAM",
        "CB4 0WS",
        "GB",
        "redwoodrobotics",
    ),
    ("Fundația Lumina", "institution", "Charity", "10-49", "Cluj-Napoca", "RO-CJ", "400006", "RO", "fundatialumina"),
    ("La Tortuga Roja", "company", "Café", "2-9", "Valencia", "ES-V", "46003", "ES", "latortugaroja"),
    ("Bennett household", "household", "", "", "London", "GB-LND", "NW3 2QG", "GB", ""),
    ("Okafor household", "household", "", "", "London", "GB-LND", "SE15 4QL", "GB", ""),
    ("Silva household", "household", "", "", "Brighton", "GB-BNH", "BN1 1UB", "GB", ""),
    ("Pilgrim Coffee Carts", "company", "Café", "2-9", "Glasgow", "GB-GLG", "G1 3SL", "GB", "pilgrimcarts"),
    ("Oak Hollow School", "institution", "Education", "50-249", "York", "GB-YOR", "YO1 7HH", "GB", "oakhollow"),
    ("Sable & Stone", "company", "Restaurant", "10-49", "Liverpool", "GB-LIV", "L1 8JQ", "GB", "sableandstone"),
)
STREETS = "Harbour Street|Calle del Olmo|Strada Lungă|Mill Lane|Foundry Road|Quay Street|Chapel Row|Station Approach|Market Place|Orchard Way".split(
    "|"
)
JOBS = "Owner|General manager|Head of purchasing|Buyer|Head barista|Food and beverage manager|Office manager|Facilities lead|Chef|Finance director".split(
    "|"
)
DEPARTMENTS = "Purchasing|Operations|Kitchen|Finance|Facilities|Front of house".split("|")
SOURCES = "Trade fair|Referral|Website|Cold call|Tasting day|Instagram|Old address book".split("|")
PREFERENCES = (
    "Prefers e-mail in the morning; never call during service (12–15 h).",
    "Likes to be called on Tuesdays. First names, please.",
    "Wants invoices as one PDF a month.",
    "Writes in Spanish, reads English.",
    "Only decaf for the tasting, and no sugar.",
)
TAGS = "wholesale|organic|espresso bar|subscription|tasting 2025|equipment|fair trade|key account".split("|")
NOTES = (
    "<p>Visited today. They run two grinders and want a <strong>second blend for filter</strong>. Asked for samples of the Huila lot.</p>",
    "<p>Unhappy about the late delivery last week. Promised a credit note and a call from service.</p>",
    "<p>They are opening a second site in spring. Decides: the owner with the head barista.</p><ul><li>180 kg a month expected</li><li>machine on loan</li></ul>",
    "<p>Tasting went well: favourite was the washed Ethiopian. Competitor offers 4% less, but no training.</p>",
    "<p>Wants the invoice split by cost centre from now on.</p>",
    "<p>Asked whether our bags are compostable. Sent the certificate.</p>",
    "<p>New contact for orders from the first of the month; the old one moved to finance.</p>",
    "<p>Renewal agreed in principle: twelve months, same price, delivery on Thursdays.</p>",
)
CALLS = (
    "Reorder for next month",
    "Question about the delivery note",
    "Follow-up after the tasting",
    "Machine makes a noise",
    "Price of the house blend",
    "Introduces the new manager",
    "Wants to pause for August",
    "Payment reminder",
)
MEETINGS = (
    "Tasting at the roastery",
    "Quarterly review",
    "Barista training",
    "Site visit",
    "Contract renewal",
    "Machine installation",
)
TASKS = (
    "Send samples of the Huila lot",
    "Prepare the renewal offer",
    "Call back about the grinder",
    "Check the open invoice",
    "Book the barista training",
    "Ask for a reference",
    "Update the delivery address",
    "Send the compostable bag certificate",
    "Plan the summer schedule",
    "Write to thank for the referral",
)
