"""What coders and physicians type instead of the words of the tabular list.

Each meaning is worded as titles and inclusion terms of the FY2026 tabular word it, because the search asks for all of
its words. A synonym helps to *find* a code. It never assigns one: that needs the provider's documentation (Official
Guidelines, section I.A.19).
"""

from __future__ import annotations

from collections.abc import Mapping

_TABLE = """
abla | acute posthemorrhagic anemia
acs | acute ischemic heart disease
adhd | attention deficit hyperactivity disorder
adhf | heart failure
aecopd | chronic obstructive pulmonary disease acute exacerbation
af | atrial fibrillation
afib | atrial fibrillation
ahrf | acute respiratory failure hypoxia
aicd | automatic implantable cardiac defibrillator
aids | human immunodeficiency virus disease
aki | acute kidney failure
als | amyotrophic lateral sclerosis
aml | acute myeloblastic leukemia
ams | altered mental status
anaemia | anemia
aocd | anemia chronic diseases
ards | acute respiratory distress syndrome
arf | acute kidney failure
ashd | atherosclerotic heart disease
atn | kidney failure tubular necrosis
bleed | hemorrhage
bmi | body mass index
bph | benign prostatic hyperplasia
cabg | aortocoronary bypass graft
cad | atherosclerotic heart disease
cancer | malignant neoplasm
cap | pneumonia unspecified organism
cauti | infection urethral catheter
cdiff | enterocolitis clostridium difficile
chb | atrioventricular block complete
chf | congestive heart failure
ckd | chronic kidney disease
clabsi | bloodstream infection central venous catheter
cll | chronic lymphocytic leukemia
cml | chronic myeloid leukemia
copd | chronic obstructive pulmonary disease
covid | covid 19
cva | cerebral infarction
dcm | dilated cardiomyopathy
dic | disseminated intravascular coagulation
dka | diabetes ketoacidosis
dlbcl | diffuse large b cell lymphoma
dm | diabetes mellitus
dm1 | type 1 diabetes mellitus
dm2 | type 2 diabetes mellitus
dmii | type 2 diabetes mellitus
dnr | do not resuscitate
dti | pressure induced deep tissue damage
dts | withdrawal delirium
dvt | embolism thrombosis deep veins
enceph | encephalopathy
esrd | end stage renal disease
etoh | alcohol
exac | exacerbation
ftt | failure to thrive
fx | fracture
gad | generalized anxiety disorder
gbs | guillain syndrome
gdm | gestational diabetes mellitus
gerd | gastro esophageal reflux disease
gi | gastrointestinal
gib | gastrointestinal hemorrhage
haemorrhage | hemorrhage
hap | pneumonia unspecified organism
hcancer | malignant neoplasm
cap | pneumonia unspecified organism
hcc | liver cell carcinoma
hf | heart failure
hfmref | heart failure
hfpef | diastolic heart failure
hfref | systolic heart failure
hhs | diabetes hyperosmolarity
hit | heparin induced thrombocytopenia
hiv | human immunodeficiency virus
hld | hyperlipidemia
hocm | obstructive hypertrophic cardiomyopathy
hrs | hepatorenal syndrome
htn | hypertension
hx | history
hypoxemic | hypoxia
hypoxic | hypoxia
hypercapnic | hypercapnia
hypercarbic | hypercapnia
ibs | irritable bowel syndrome
ich | nontraumatic intracerebral hemorrhage
icm | ischemic cardiomyopathy
ida | iron deficiency anemia
ild | interstitial pulmonary disease
ipf | idiopathic pulmonary fibrosis
itp | immune thrombocytopenic purpura
lbbb | left bundle branch block
lbp | low back pain
mdd | major depressive disorder
mds | myelodysplastic syndrome
mi | myocardial infarction
mrsa | methicillin resistant staphylococcus aureus
mssa | methicillin susceptible staphylococcus aureus
nafld | fatty change of liver
nash | nonalcoholic steatohepatitis
nhl | non hodgkin lymphoma
niddm | type 2 diabetes mellitus
nph | normal pressure hydrocephalus
oa | osteoarthritis
oedema | edema
ohs | obesity alveolar hypoventilation
osa | obstructive sleep apnea
oud | opioid dependence
pad | peripheral vascular disease
paf | paroxysmal atrial fibrillation
pcm | protein calorie malnutrition
pe | pulmonary embolism
phtn | pulmonary hypertension
pkd | polycystic kidney
pna | pneumonia
pph | postpartum hemorrhage
ppm | cardiac pacemaker
ptsd | post traumatic stress disorder
ptx | pneumothorax
pud | peptic ulcer
pvc | ventricular premature depolarization
pvd | peripheral vascular disease
pyelo | pyelonephritis
ra | rheumatoid arthritis
rbbb | right bundle branch block
resp | respiratory
rhabdo | rhabdomyolysis
rsv | respiratory syncytial virus
rvr | atrial fibrillation
sah | nontraumatic subarachnoid hemorrhage
sbo | intestinal obstruction
sbp | spontaneous bacterial peritonitis
sdh | subdural hemorrhage
siadh | inappropriate secretion antidiuretic hormone
sirs | systemic inflammatory response syndrome
sjs | stevens johnson syndrome
sle | systemic lupus erythematosus
sob | shortness breath
sss | sick sinus syndrome
ssi | infection following a procedure surgical site
stroke | cerebral infarction
svt | supraventricular tachycardia
t1dm | type 1 diabetes mellitus
t2dm | type 2 diabetes mellitus
takotsubo | takotsubo syndrome
tb | tuberculosis
tbi | intracranial injury
tia | transient cerebral ischemic attack
ttp | thrombotic thrombocytopenic purpura
uc | ulcerative colitis
ugi | gastrointestinal
gib | gastrointestinal hemorrhage
uri | acute upper respiratory infection
uti | urinary tract infection
vap | ventilator associated pneumonia
vfib | ventricular fibrillation
vt | ventricular tachycardia
vtach | ventricular tachycardia
vte | embolism thrombosis
"""

#: one word in lower case as it is typed -> the words of the tabular list that are looked for instead
SYNONYMS: Mapping[str, str] = {
    short.strip(): meaning.strip()
    for short, _, meaning in (line.partition("|") for line in _TABLE.strip().splitlines())
}
