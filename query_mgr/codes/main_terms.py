"""What the Alphabetic Index gives for a main term with nothing added to it.

A term alone leads to its default code (Official Guidelines, section I.A.18: "default codes"), usually the unspecified
one of its category. The search puts that code first; it assigns nothing. Terms are worded as they are looked up, and
each code is checked against the FY2026 tabular by a test.
"""

from __future__ import annotations

from collections.abc import Mapping

from query_mgr.codes.stems import stem, words_of

_TABLE = """
abdominal aortic aneurysm | I71.40
abdominal pain | R10.9
abnormal weight gain | R63.5
abnormal weight loss | R63.4
abscess | L02.91
acidosis | E87.20
acne | L70.9
acute blood loss anemia | D62
acute bronchitis | J20.9
acute cholecystitis | K81.0
acute cystitis | N30.00
acute kidney failure | N17.9
acute kidney injury | N17.9
acute pancreatitis | K85.90
acute pharyngitis | J02.9
acute posthemorrhagic anemia | D62
acute pulmonary edema | J81.0
acute renal failure | N17.9
acute respiratory distress syndrome | J80
acute respiratory failure | J96.00
acute respiratory failure hypoxia | J96.01
acute sinusitis | J01.90
acute tonsillitis | J03.90
acute upper respiratory infection | J06.9
alcohol abuse | F10.10
alcohol dependence | F10.20
alkalosis | E87.3
allergic rhinitis | J30.9
alopecia | L65.9
altered mental status | R41.82
alzheimer disease | G30.9
amblyopia | H53.009
amenorrhea | N91.2
amyotrophic lateral sclerosis | G12.21
anal fissure | K60.2
anaphylaxis | T78.2XXA
anemia | D64.9
anemia chronic kidney disease | D63.1
aneurysm | I72.9
angina | I20.9
ankylosing spondylitis | M45.9
anorexia | R63.0
anxiety | F41.9
aortic stenosis | I35.0
aphasia | R47.01
appendicitis | K37
arrhythmia | I49.9
arthritis | M19.90
ascites | R18.8
aspiration pneumonia | J69.0
asthma | J45.909
ataxia | R27.0
atelectasis | J98.11
atherosclerosis | I70.90
atherosclerotic heart disease | I25.10
atopic dermatitis | L20.9
atrial fibrillation | I48.91
atrial flutter | I48.92
autism | F84.0
back pain | M54.9
bacteremia | R78.81
barrett esophagus | K22.70
bell palsy | G51.0
benign prostatic hyperplasia | N40.0
bipolar disorder | F31.9
blood loss anemia | D50.0
bradycardia | R00.1
bronchiectasis | J47.9
bronchitis | J40
bronchopneumonia | J18.0
calculus gallbladder | K80.20
calculus kidney | N20.0
calculus ureter | N20.1
candidiasis | B37.9
cardiac arrest | I46.9
cardiac arrhythmia | I49.9
cardiogenic shock | R57.0
cardiomyopathy | I42.9
carpal tunnel syndrome | G56.00
cataract | H26.9
celiac disease | K90.0
cellulitis | L03.90
cerebral infarction | I63.9
cerebral palsy | G80.9
cervicalgia | M54.2
chest pain | R07.9
cholecystitis | K81.9
cholelithiasis | K80.20
chronic bronchitis | J42
chronic kidney disease | N18.9
chronic obstructive pulmonary disease | J44.9
chronic obstructive pulmonary disease acute exacerbation | J44.1
chronic pain | G89.29
chronic pancreatitis | K86.1
chronic respiratory failure | J96.10
cirrhosis | K74.60
colitis | K52.9
congestive heart failure | I50.9
conjunctivitis | H10.9
constipation | K59.00
contact dermatitis | L25.9
cough | R05.9
covid 19 | U07.1
crohn disease | K50.90
cystic fibrosis | E84.9
cystitis | N30.90
dehydration | E86.0
delirium | R41.0
dementia | F03.90
depression | F32.A
dermatitis | L30.9
diabetes | E11.9
diabetes insipidus | E23.2
diabetes ketoacidosis | E11.10
diabetes mellitus | E11.9
diabetic foot ulcer | E11.621
diabetic nephropathy | E11.21
diabetic neuropathy | E11.40
diabetic retinopathy | E11.319
diarrhea | R19.7
diastolic heart failure | I50.30
diverticulitis | K57.92
dizziness | R42
down syndrome | Q90.9
dysmenorrhea | N94.6
dyspepsia | K30
dysphagia | R13.10
dyspnea | R06.00
dysuria | R30.0
eczema | L30.9
edema | R60.9
embolism thrombosis deep veins | I82.409
emphysema | J43.9
encephalopathy | G93.40
end stage renal disease | N18.6
endocarditis | I38
endometriosis | N80.9
enuresis | R32
epilepsy | G40.909
epistaxis | R04.0
erectile dysfunction | N52.9
esophageal varices | I85.00
esophagitis | K20.90
failure to thrive | R62.7
fatigue | R53.83
fever | R50.9
fibromyalgia | M79.7
fluid overload | E87.70
fracture neck femur | S72.009A
gangrene | I96
gastric ulcer | K25.9
gastritis | K29.70
gastro esophageal reflux disease | K21.9
gastroenteritis | K52.9
gastrointestinal hemorrhage | K92.2
gastroparesis | K31.84
generalized anxiety disorder | F41.1
giant cell arteritis | M31.6
glaucoma | H40.9
goiter | E04.9
gonorrhea | A54.9
gout | M10.9
headache | R51.9
hearing loss | H91.90
heart failure | I50.9
heartburn | R12
hematemesis | K92.0
hematuria | R31.9
hemiplegia | G81.90
hemophilia | D66
hemoptysis | R04.2
hemorrhoids | K64.9
hepatic encephalopathy | K76.82
hepatitis | K75.9
hepatomegaly | R16.0
hernia | K46.9
herpes zoster | B02.9
hiatal hernia | K44.9
hip fracture | S72.009A
hydrocephalus | G91.9
hydronephrosis | N13.30
hypercalcemia | E83.52
hypercholesterolemia | E78.00
hyperglycemia | R73.9
hyperkalemia | E87.5
hyperlipidemia | E78.5
hypernatremia | E87.0
hyperparathyroidism | E21.3
hypertension | I10
hypertensive emergency | I16.1
hypertensive heart disease | I11.9
hypertensive urgency | I16.0
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
inguinal hernia | K40.90
insomnia | G47.00
interstitial pulmonary disease | J84.9
intestinal obstruction | K56.609
iron deficiency anemia | D50.9
irritable bowel syndrome | K58.9
ischemic cardiomyopathy | I25.5
jaundice | R17
kidney failure | N19
kidney stone | N20.0
lactic acidosis | E87.20
laryngitis | J04.0
leukemia | C95.90
leukocytosis | D72.829
liver cell carcinoma | C22.0
localized edema | R60.0
low back pain | M54.50
lymphedema | I89.0
lymphoma | C85.90
macular degeneration | H35.30
major depressive disorder | F32.9
malignant neoplasm breast | C50.919
malignant neoplasm colon | C18.9
malignant neoplasm lung | C34.90
malignant neoplasm prostate | C61
malnutrition | E46
melanoma | C43.9
melena | K92.1
meningitis | G03.9
metabolic encephalopathy | G93.41
migraine | G43.909
morbid obesity | E66.01
multiple myeloma | C90.00
multiple sclerosis | G35.D
myasthenia gravis | G70.00
myocardial infarction | I21.9
myocardial infarction type 2 | I21.A1
nausea | R11.0
nausea vomiting | R11.2
neck pain | M54.2
nephrotic syndrome | N04.9
neuropathy | G62.9
neutropenia | D70.9
nicotine dependence | F17.200
nontraumatic intracerebral hemorrhage | I61.9
nontraumatic intracranial hemorrhage | I62.9
nontraumatic subarachnoid hemorrhage | I60.9
nstemi | I21.4
obesity | E66.9
obsessive compulsive disorder | F42.9
obstructive sleep apnea | G47.33
opioid abuse | F11.10
opioid dependence | F11.20
orthostatic hypotension | I95.1
osteoarthritis | M19.90
osteomyelitis | M86.9
osteoporosis | M81.0
otalgia | H92.09
otitis media | H66.90
ovarian cyst | N83.209
palpitations | R00.2
pancreatitis | K85.90
pancytopenia | D61.818
panic disorder | F41.0
parkinson disease | G20.A1
paroxysmal atrial fibrillation | I48.0
peptic ulcer | K27.9
pericarditis | I31.9
peripheral vascular disease | I73.9
peritonitis | K65.9
pharyngitis | J02.9
pleural effusion | J90
pneumonia | J18.9
pneumonia unspecified organism | J18.9
pneumothorax | J93.9
polycystic ovarian syndrome | E28.2
polymyalgia rheumatica | M35.3
portal hypertension | K76.6
post traumatic stress disorder | F43.10
presbyopia | H52.4
pressure ulcer | L89.90
protein calorie malnutrition | E46
pruritus | L29.9
psoriasis | L40.9
pulmonary edema | J81.1
pulmonary embolism | I26.99
pulmonary fibrosis | J84.10
pulmonary hypertension | I27.20
pyelonephritis | N12
renal failure | N19
respiratory failure | J96.90
restless legs syndrome | G25.81
rhabdomyolysis | M62.82
rheumatoid arthritis | M06.9
rosacea | L71.9
sarcoidosis | D86.9
schizophrenia | F20.9
sciatica | M54.30
scoliosis | M41.9
seizure | R56.9
sepsis | A41.9
septic shock | R65.21
severe sepsis | R65.20
shock | R57.9
shortness breath | R06.02
sick sinus syndrome | I49.5
sickle cell disease | D57.1
sinusitis | J32.9
sleep apnea | G47.30
solitary pulmonary nodule | R91.1
spinal stenosis | M48.00
splenomegaly | R16.1
spontaneous abortion | O03.9
stemi | I21.3
suicidal ideations | R45.851
syncope | R55
systemic lupus erythematosus | M32.9
systolic heart failure | I50.20
tachycardia | R00.0
thrombocytopenia | D69.6
thyroiditis | E06.9
tinnitus | H93.19
tobacco use | Z72.0
tonsillitis | J03.90
transient cerebral ischemic attack | G45.9
tremor | R25.1
tuberculosis | A15.9
type 1 diabetes mellitus | E10.9
type 2 diabetes mellitus | E11.9
ulcerative colitis | K51.90
umbilical hernia | K42.9
urinary incontinence | R32
urinary retention | R33.9
urinary tract infection | N39.0
urticaria | L50.9
vaginitis | N76.0
varicella | B01.9
varicose veins lower extremity | I83.90
venous insufficiency | I87.2
ventricular fibrillation | I49.01
ventricular tachycardia | I47.20
vertigo | R42
viral infection | B34.9
viral wart | B07.9
vitamin d deficiency | E55.9
volume overload | E87.70
vomiting | R11.10
weakness | R53.1
wheezing | R06.2
whooping cough | A37.90
zoster | B02.9
"""

#: the stems of a main term -> its default code
DEFAULTS: Mapping[frozenset[str], str] = {
    frozenset(map(stem, words_of(term))): code.strip()
    for term, _, code in (line.partition("|") for line in _TABLE.strip().splitlines())
}
