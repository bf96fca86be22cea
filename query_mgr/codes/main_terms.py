"""What the Alphabetic Index gives for a main term with nothing added to it.

A term alone leads to its default code (Official Guidelines, section I.A.18: "default codes"), usually the unspecified
one of its category. The search puts that code first; it assigns nothing. Terms are worded as they are looked up, and
each code is checked against the FY2026 tabular by a test.
"""

from __future__ import annotations

from collections.abc import Mapping

_TABLE = """
abdominal pain | R10.9
acidosis | E87.20
acute blood loss anemia | D62
acute kidney failure | N17.9
acute kidney injury | N17.9
acute posthemorrhagic anemia | D62
acute renal failure | N17.9
acute respiratory distress syndrome | J80
acute respiratory failure hypoxia | J96.01
acute respiratory failure | J96.00
acute upper respiratory infection | J06.9
alcohol dependence | F10.20
alkalosis | E87.3
altered mental status | R41.82
alzheimer disease | G30.9
anemia chronic kidney disease | D63.1
anemia | D64.9
angina | I20.9
anxiety | F41.9
aortic stenosis | I35.0
appendicitis | K37
arthritis | M19.90
ascites | R18.8
aspiration pneumonia | J69.0
asthma | J45.909
atherosclerotic heart disease | I25.10
atrial fibrillation | I48.91
atrial flutter | I48.92
back pain | M54.9
bacteremia | R78.81
benign prostatic hyperplasia | N40.0
bipolar disorder | F31.9
blood loss anemia | D50.0
bradycardia | R00.1
bronchitis | J40
cardiac arrest | I46.9
cardiogenic shock | R57.0
cardiomyopathy | I42.9
cellulitis | L03.90
cerebral infarction | I63.9
chest pain | R07.9
cholecystitis | K81.9
cholelithiasis | K80.20
chronic kidney disease | N18.9
chronic obstructive pulmonary disease acute exacerbation | J44.1
chronic obstructive pulmonary disease | J44.9
chronic pain | G89.29
chronic pancreatitis | K86.1
chronic respiratory failure | J96.10
cirrhosis | K74.60
congestive heart failure | I50.9
constipation | K59.00
cough | R05.9
covid 19 | U07.1
crohn disease | K50.90
dehydration | E86.0
delirium | R41.0
dementia | F03.90
depression | F32.A
diabetes ketoacidosis | E11.10
diabetes mellitus | E11.9
diabetes | E11.9
diabetic foot ulcer | E11.621
diarrhea | R19.7
diastolic heart failure | I50.30
diverticulitis | K57.92
dizziness | R42
dysphagia | R13.10
dyspnea | R06.00
dysuria | R30.0
edema | R60.9
embolism thrombosis deep veins | I82.409
encephalopathy | G93.40
end stage renal disease | N18.6
endocarditis | I38
epilepsy | G40.909
failure to thrive | R62.7
fatigue | R53.83
fever | R50.9
fibromyalgia | M79.7
fluid overload | E87.70
gastritis | K29.70
gastro esophageal reflux disease | K21.9
gastroenteritis | K52.9
gastrointestinal hemorrhage | K92.2
glaucoma | H40.9
gout | M10.9
headache | R51.9
heart failure | I50.9
hematuria | R31.9
hepatic encephalopathy | K76.82
hepatitis | K75.9
hip fracture | S72.009A
hypercalcemia | E83.52
hypercholesterolemia | E78.00
hyperglycemia | R73.9
hyperkalemia | E87.5
hyperlipidemia | E78.5
hypernatremia | E87.0
hypertension | I10
hyperthyroidism | E05.90
hypocalcemia | E83.51
hypoglycemia | E16.2
hypokalemia | E87.6
hypomagnesemia | E83.42
hyponatremia | E87.1
hypophosphatemia | E83.39
hypotension | I95.9
hypothyroidism | E03.9
hypoxemia | R09.02
hypoxia | R09.02
ileus | K56.7
influenza | J11.1
insomnia | G47.00
intestinal obstruction | K56.609
iron deficiency anemia | D50.9
jaundice | R17
kidney failure | N19
kidney stone | N20.0
lactic acidosis | E87.20
leukocytosis | D72.829
liver cell carcinoma | C22.0
low back pain | M54.50
malignant neoplasm breast | C50.919
malignant neoplasm colon | C18.9
malignant neoplasm lung | C34.90
malignant neoplasm prostate | C61
malnutrition | E46
meningitis | G03.9
metabolic encephalopathy | G93.41
migraine | G43.909
morbid obesity | E66.01
multiple sclerosis | G35.D
myocardial infarction type 2 | I21.A1
myocardial infarction | I21.9
nausea vomiting | R11.2
nausea | R11.0
neutropenia | D70.9
nicotine dependence | F17.200
nstemi | I21.4
obesity | E66.9
obstructive sleep apnea | G47.33
osteoarthritis | M19.90
osteomyelitis | M86.9
osteoporosis | M81.0
pancreatitis | K85.90
pancytopenia | D61.818
parkinson disease | G20.A1
paroxysmal atrial fibrillation | I48.0
peripheral vascular disease | I73.9
pleural effusion | J90
pneumonia unspecified organism | J18.9
pneumonia | J18.9
pneumothorax | J93.9
pressure ulcer | L89.90
protein calorie malnutrition | E46
psoriasis | L40.9
pulmonary edema | J81.1
pulmonary embolism | I26.99
pulmonary hypertension | I27.20
pyelonephritis | N12
renal failure | N19
respiratory failure | J96.90
rhabdomyolysis | M62.82
rheumatoid arthritis | M06.9
schizophrenia | F20.9
scoliosis | M41.9
seizure | R56.9
sepsis | A41.9
septic shock | R65.21
severe sepsis | R65.20
shock | R57.9
shortness breath | R06.02
sick sinus syndrome | I49.5
sinusitis | J32.9
stemi | I21.3
syncope | R55
systolic heart failure | I50.20
tachycardia | R00.0
thrombocytopenia | D69.6
tobacco use | Z72.0
transient cerebral ischemic attack | G45.9
tuberculosis | A15.9
type 1 diabetes mellitus | E10.9
type 2 diabetes mellitus | E11.9
ulcerative colitis | K51.90
urinary retention | R33.9
urinary tract infection | N39.0
ventricular fibrillation | I49.01
ventricular tachycardia | I47.20
vertigo | R42
viral infection | B34.9
vitamin d deficiency | E55.9
volume overload | E87.70
vomiting | R11.10
weakness | R53.1
wheezing | R06.2
"""

#: the words of a main term -> its default code
DEFAULTS: Mapping[frozenset[str], str] = {
    frozenset(term.split()): code.strip()
    for term, _, code in (line.partition("|") for line in _TABLE.strip().splitlines())
}
