"""The words, spellings and headings that texts and the phrases of `triggers.py` are read with."""

from __future__ import annotations

from query_mgr.clinical.triggers import FAMILY, HISTORICAL, HYPOTHETICAL, PSEUDO

#: Headings that decide for the names below them; the other ones that we know only end them.
SECTIONS = {
    FAMILY: """
        family history; family (medical|psychiatric) history; family hx; fam hx; fam history; fh; fhx; family""",
    HISTORICAL: """
        [past|prior] (medical|surgical|psychiatric|obstetric|ob) (history|hx); past (history|hx); prior history;
        pmh; pmhx; psh; pshx; past medical/surgical history; past medical and surgical history;
        past obstetric history""",
    HYPOTHETICAL: "return precautions; reasons to return; when to call; warning signs",
    PSEUDO: """
        allergies; allergy; medications; meds; (current|home|discharge) medications; social (history|hx); sh;
        shx; review of systems; ros; vitals; physical exam; physical examination; exam; examination; pe;
        vital signs; labs; laboratory; laboratory data; data; results; imaging; studies; assessment;
        assessment and plan; assessment/plan; a/p; a&p; a; p; s; o; plan; impression; findings; indication;
        technique; comparison; hospital course; course; brief hospital course; history of present illness; hpi;
        history; clinical history; chief complaint; cc; subjective; objective;
        (discharge|final|admitting|admission|principal|primary|secondary) (diagnosis|diagnoses); diagnosis;
        diagnoses; disposition; condition; recommendations; discussion; problem list; problems; active problems;
        procedures; procedure; consults; summary; follow up; follow-up; instructions; discharge instructions;
        ed course; medical decision making; mdm; conclusion; immunizations; habits; diet; activity;
        reason for admission; reason for visit; reason for exam""",
}  # fmt: skip

#: Headings inside a section.
PARTS = """
    cardiac; cardiovascular; cv; heart; pulmonary; respiratory; lungs; gi; gastrointestinal; gu; genitourinary;
    renal; neuro; neurologic; neurological; endocrine; heme; hematologic; oncologic; psych; psychiatric;
    musculoskeletal; msk; skin; eyes; ent; heent; general; ob/gyn; medical; surgical; maternal; paternal"""

#: Words that read as another, in the table and in texts.
SAME = {
    "KIN": """
        mother father mom dad mum brother sister brothers sisters parent parents sibling siblings aunt aunts
        uncle uncles cousin cousins son daughter sons daughters grandmother grandfather grandparent grandparents
        grandson granddaughter niece nieces nephew nephews relative relatives""",
    "NONKIN": """
        husband wife spouse partner roommate coworker coworkers neighbor boyfriend girlfriend friend friends
        donor classmate classmates caregiver caretaker landlord contacts residents colleague colleagues dog cat""",
    "LONGTIME": "year years yr yrs month months decade decades",
    "SHORTTIME": "minute minutes hour hours hr hrs day days d week weeks wk wks",
    "denies": "deny denying denys denise dennies",
}  # fmt: skip

#: Spellings that read as another.
SPELLED = {
    "n't": " not", "cannot": "can not", "2/2": "due to", "’": "'", "[ ]": " UNTICKED ", "[]": " UNTICKED ",
    "(-)": " UNTICKED ", "[x]": " TICKED ", "(+)": " TICKED ", "(n)": " ISNO ", "(no)": " ISNO ",
    "(neg)": " ISNO ", "(y)": " ISYES ", "(yes)": " ISYES ",
}  # fmt: skip

#: Words that may stand between the words of a phrase.
FILLERS = """
    any currently really clearly actually yet ever also now then since specifically subsequently significant
    significantly further acute overt definite definitely obvious evidently convincing completely entirely
    definitively fully reliably appreciable substantial substantially interval much still well very highly
    strongly clinically clinical radiographic ct mammographic sonographic other new all at apparent been felt
    the a an"""

#: Lists that phrases name.
LISTS = {
    "does": (
        "has|had|is|was|are|were|reports|complains|underwent|received|required|became|noted|states|stated|presented|"
        "continued|remained|will|should|takes|took|went|came|uses|started|needs|needed"
    ),
    "organ": (
        "lungs|heart|abdomen|extremities|neurologic|neuro|skin|pupils|sclerae|vital signs|vitals|blood pressure|pulse|"
        "bowel sounds|cranial nerves|reflexes|mucous membranes|oropharynx|conjunctivae"
    ),
    "subject_has": "he has|he had|she has|she had|patient has|patient had|pt has|pt had|he developed|she developed",
    "they": "he|she|they|it|this|there|patient|pt|the patient",
    "them": "him|her|the patient|patient",
    "was": "is|was|are|were|been|being|be|remains|remain",
    "seem": "appear|appears|appeared|seem|seems|seemed",
    "hx": "history|hx",
    "of": (
        "of|for|significant for|notable for|remarkable for|positive for|includes|including|pertinent for"
    ),
    "decade": "teens|twenties|thirties|forties|fifties|sixties|seventies",
    "maybe": "felt|thought|likely|probably|possibly|presumably|perhaps|potentially|suspected|possible|probable",
    "unit": "SHORTTIME|LONGTIME",
    "month": "january|february|march|april|may|june|july|august|september|october|november|december",
    "treatment": (
        "medication|medications|treatment|therapy|cure|drug|drugs|intervention|antibiotics|surgery|insulin|"
        "radiation|prenatal care|contraindication|contraindications|indication|need|code|exceptions|"
        "problem with|resection|excision"
    ),
    "see": (
        "see|seen|find|found|reveal|revealed|show|shown|showing|demonstrate|demonstrated|demonstrating|"
        "disclose|disclosed|detect|detected|identify|identified|appreciate|appreciated|visualize|visualized|"
        "feel|hear|heard|palpate|palpated|elicit|elicited|note|noted|noticed|observe|observed|suggest|"
        "suggesting|support|indicate|confirm|confirmed|exhibit|report|reported|reporting|describe|"
        "complain of|complained of|complaining of|endorse|admit to|display|reproduce|evidence|know of"
    ),
    "get": (
        "has|have|had|having|develop|developed|developing|experience|experienced|experiencing|suffer|"
        "suffered|suffering|sustain|sustained|meet|met"
    ),
    "with": (
        "consistent|compatible|associated|complicated|accompanied|concerning|suspicious|positive|diagnostic|"
        "suggestive|indicative|characteristic|typical|productive|reflective"
    ),
    "better": (
        "change|changes|improvement|increase|decrease|worsening|worse|better|different|larger|smaller|relief|"
        "resolution|response|progress|progression|healing|recovery"
    ),
    "test": (
        "study|studies|exam|examination|film|films|radiograph|radiographs|ct|mri|scan|visit|value|values|"
        "imaging|x - ray|xray|report|echo|ekg|ecg|note|level|levels|tracing|comparison"
    ),
    "free": "air|fluid|water|flap|text|fragment|thyroxine",
    "tells": (
        "reports|reported|states|stated|notes|noted|notices|noticed|describes|described|says|said|found|"
        "brought|brings|observed|saw|witnessed|called|feels|thinks|believes|confirms|confirmed|endorses|"
        "expresses|is concerned|are concerned|was concerned|worries|relates|related|gives|gave|provides|"
        "provided|present|is present|bedside|is at bedside|interprets|agrees|requests|requested|wonders|"
        "complains"
    ),
    "whose": (
        "his|her|their|the|a|an|the patient's|patient's|pt's|my|both|one|two|several|multiple|first degree"
    ),
    "lives": (
        "lives with|living with|live with|lived with|resides with|stays with|came with|here with|"
        "accompanied by|came in with"
    ),
}  # fmt: skip
