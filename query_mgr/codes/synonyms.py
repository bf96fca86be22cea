"""What coders and physicians type instead of the words of the tabular list.

Each meaning is worded as titles and inclusion terms of the FY2026 tabular word it, because the search asks for all of
its words. A synonym helps to *find* a code. It never assigns one: that needs the provider's documentation (Official
Guidelines, section I.A.19).
"""

from __future__ import annotations

from collections.abc import Mapping

from query_mgr.codes.stems import stem, telling, words_of

_TABLE = """
aaa | abdominal aortic aneurysm
abd | abdominal
abla | acute posthemorrhagic anemia
aca | anterior cerebral artery
acei | angiotensin converting enzyme inhibitors
acl tear | sprain anterior cruciate ligament
acquired immune deficiency syndrome | human immunodeficiency virus disease
acs | acute ischemic heart disease
addiction | dependence
adhd | attention deficit hyperactivity disorder
adhf | heart failure
administration | administration; admin
aecopd | chronic obstructive pulmonary disease acute exacerbation
af | atrial fibrillation
afib | atrial fibrillation
afl | atrial flutter
ahrf | acute respiratory failure hypoxia
aicd | automatic implantable cardiac defibrillator
aicd in situ | presence automatic implantable cardiac defibrillator
aids | human immunodeficiency virus disease
aka | above knee; leg above knee
aki | acute kidney failure
allergic penicillin | allergy status penicillin
allergy | allergy; allergic
als | amyotrophic lateral sclerosis
als ambulance | ambulance advanced life support
als emergency | advanced life support emergency
ambulance als | ambulance advanced life support
ambulance bls | ambulance basic life support
aml | acute myeloblastic leukemia
ams | altered mental status
anaemia | anemia
angioplasty | dilation
ankle sprain | sprain ankle
anticoagulant use | long term current use anticoagulants
aocd | anemia chronic diseases
aortic valve replacement | replacement aortic valve
apl | acute promyelocytic leukemia
appendectomy | resection appendix
ar | aortic insufficiency
ards | acute respiratory distress syndrome
arf | acute kidney failure
arm | arm; upper limb; upper extremity
as aortic | aortic stenosis
asd | atrial septal defect
ashd | atherosclerotic heart disease
aspirin use | long term current use aspirin
asthma attack | asthma acute exacerbation
athletes foot | tinea pedis
atn | kidney failure tubular necrosis
av block | atrioventricular block
avm | arteriovenous malformation
avr | heart valve
baby | newborn
back ache | dorsalgia; back pain
bcc | basal cell carcinoma
bed sore | pressure ulcer
bed wetting | enuresis
bedsore | pressure ulcer
bee sting | toxic effect venom bees
belly | abdominal
bipap | ventilation
bite | bitten
bka | below knee; leg below knee
black out | syncope
blackout | syncope
bladder infection | cystitis
bleed | hemorrhage
bleeding | hemorrhage
blood clot | embolism; thrombosis
blood clot leg | embolism thrombosis deep veins lower extremity
blood clot lung | pulmonary embolism
blood poisoning | sepsis
blood pressure | hypertension
blood stool | melena; gastrointestinal hemorrhage
blood sugar high | hyperglycemia
blood sugar low | hypoglycemia
blood urine | hematuria
bls | basic life support
bmi | body mass index
boil | furuncle
bone infection | osteomyelitis
bowel obstruction | intestinal obstruction
bpd | bronchopulmonary dysplasia; borderline personality disorder
bph | benign prostatic hyperplasia
bppv | benign paroxysmal vertigo
brain bleed | nontraumatic intracerebral hemorrhage; nontraumatic intracranial hemorrhage
brbpr | hemorrhage anus rectum; gastrointestinal hemorrhage
broken | fracture
broken hip | fracture neck femur
broken wrist | fracture wrist
bruise | contusion
bv | acute vaginitis
bx | biopsy
c diff | clostridium difficile
c diff colitis | enterocolitis clostridium difficile
c difficile | clostridium difficile
ca | malignant neoplasm
cabg | bypass coronary artery; aortocoronary bypass
cad | atherosclerotic heart disease
caesarean | cesarean
cancer | malignant neoplasm
cap | pneumonia unspecified organism
car accident | car collision
cardiac | cardiac; heart
cardiac cath | measurement cardiac sampling pressure; fluoroscopy heart
carpal tunnel | carpal tunnel syndrome
cauti | infection urethral catheter
cdiff | enterocolitis clostridium difficile
cervical spine | cervical region; cervical vertebra
cf | cystic fibrosis
chb | atrioventricular block complete
chemo | chemotherapy
chemo induced neutropenia | agranulocytosis cancer chemotherapy
chemotherapy induced neutropenia | agranulocytosis cancer chemotherapy
chest infection | lower respiratory infection
chf | congestive heart failure
chicken pox | varicella
chickenpox | varicella
chole | resection gallbladder
cholecystectomy | resection gallbladder
chr | chronic
circumcision | excision prepuce; resection prepuce
ckd | chronic kidney disease
ckd 3 | chronic kidney disease stage 3
ckd 3a | chronic kidney disease stage 3a
ckd 3b | chronic kidney disease stage 3b
clabsi | bloodstream infection central venous catheter
class 1 obesity | obesity class 1
class 2 obesity | obesity class 2
class 3 obesity | obesity class 3
cll | chronic lymphocytic leukemia
clostridioides difficile | clostridium difficile
cml | chronic myeloid leukemia
cmv | cytomegaloviral disease; cytomegalovirus
coccyx | sacral region; coccyx
cold | nasopharyngitis
cold sore | herpesviral vesicular dermatitis
colectomy | resection large intestine; excision large intestine
collapsed lung | pneumothorax; atelectasis
collar bone | clavicle
collarbone | clavicle
colonic | colon
colonoscopy | inspection lower intestinal tract opening endoscopic
colonoscopy screening | screening malignant neoplasm colon
complete heart block | atrioventricular block complete
confusion | disorientation
copd | chronic obstructive pulmonary disease
coronary bypass | bypass coronary artery
covid | covid 19
cp | chest pain; cerebral palsy
cpap | continuous positive airway pressure
cracked | fracture
craniotomy | drainage brain; excision brain
crf | chronic kidney disease
crisis sickle cell | hb ss disease crisis
cryptogenic stroke | cerebral infarction unspecified
csf leak | cerebrospinal fluid leak
ctd | connective tissue disease
cut | laceration
cva | cerebral infarction
cystoscopy | inspection bladder endoscopic
dcm | dilated cardiomyopathy
ddd | disc degeneration
deaf | hearing loss
debridement | excision; extraction
demand ischemia | ischemia demand
dementia alzheimer | alzheimer disease
dfu | diabetes foot ulcer
dialysis | performance urinary filtration; dialysis
diarrhoea | diarrhea
dic | disseminated intravascular coagulation
dili | toxic liver disease
djd | osteoarthritis
dka | diabetes ketoacidosis
dka type 1 | type 1 diabetes ketoacidosis
dlbcl | diffuse large b cell lymphoma
dm | diabetes mellitus
dm1 | type 1 diabetes mellitus
dm2 | type 2 diabetes mellitus
dmii | type 2 diabetes mellitus
dnr | do not resuscitate
doe | dyspnea
double vision | diplopia
drinking problem | alcohol abuse
drug abuse | substance abuse
dry eyes | dry eye syndrome
dti | pressure induced deep tissue damage
dts | withdrawal delirium
dub | abnormal uterine bleeding
dvt | embolism thrombosis deep veins
ear ache | otalgia
ear infection | otitis media
ear wax | impacted cerumen
earache | otalgia
ebv | gammaherpesviral mononucleosis
ed | erectile dysfunction
egd | inspection upper intestinal tract endoscopic
embolic stroke | cerebral infarction embolism
enceph | encephalopathy
enlarged heart | cardiomegaly
enlarged liver | hepatomegaly
enlarged prostate | benign prostatic hyperplasia
enlarged spleen | splenomegaly
eoe | eosinophilic esophagitis
ercp | inspection hepatobiliary duct
esbl | extended spectrum beta lactamase
esrd | end stage renal disease
etoh | alcohol
exac | exacerbation
fainting | syncope
far sighted | hypermetropia
fast heart rate | tachycardia
fatty liver | fatty liver; steatohepatitis
fb | foreign body
femoral | femur; femoral
fh | family history
fibular | fibula
first degree heart block | atrioventricular block first degree
flu | influenza
fluid around lung | pleural effusion
fluid belly | ascites
fluid lung | pulmonary edema
frost bite | frostbite
fsgs | focal segmental glomerular lesions
ftt | failure to thrive
fuo | fever
fx | fracture
gad | generalized anxiety disorder
gall stone | calculus gallbladder
gallstone | calculus gallbladder
gastrectomy | resection stomach
gastric | gastric; stomach
gastric bypass | bypass stomach jejunum
gastric sleeve | excision stomach vertical
gbm | malignant neoplasm brain
gbs | guillain syndrome
gca | giant cell arteritis
gdm | gestational diabetes mellitus
gerd | gastro esophageal reflux disease
german measles | rubella
gi | gastrointestinal
gi bleed | gastrointestinal hemorrhage
gib | gastrointestinal hemorrhage
golfers elbow | medial epicondylitis
gout attack | gout
gpa | granulomatosis polyangiitis
gsw | gunshot wound; firearm discharge
gum disease | periodontitis; gingivitis
ha | headache
haemorrhage | hemorrhage
hair loss | alopecia
hap | pneumonia unspecified organism
hardening artery | atherosclerosis
hav | hepatitis a
hay fever | allergic rhinitis pollen
hbv | hepatitis b
hcc | liver cell carcinoma
hcv | hepatitis c
head injury | injury head
heart attack | myocardial infarction
heart block third degree | atrioventricular block complete
heart failure preserved ejection fraction | diastolic heart failure
heart failure reduced ejection fraction | systolic heart failure
hemodialysis | performance urinary filtration; hemodialysis
hemorrhagic stroke | nontraumatic intracerebral hemorrhage
hep b | hepatitis b
hep c | hepatitis c
hepatic | hepatic; liver
hepatitis c | viral hepatitis c
hernia repair | repair inguinal; supplement inguinal; repair abdominal wall
herniated disc | disc displacement
herniated disk | disc displacement
hf | heart failure
hfmref | heart failure
hfpef | diastolic heart failure
hfref | systolic heart failure
hhs | diabetes hyperosmolarity
high blood pressure | hypertension
high blood sugar | hyperglycemia
high calcium | hypercalcemia
high cholesterol | hypercholesterolemia
high potassium | hyperkalemia
high sodium | hypernatremia
high white count | elevated white blood cell count
hip fracture | fracture neck femur
hip replacement | replacement hip joint; artificial hip joint
hit | heparin induced thrombocytopenia
hiv | human immunodeficiency virus
hives | urticaria
hld | hyperlipidemia
hlh | hemophagocytic lymphohistiocytosis
hnp | disc displacement
hocm | obstructive hypertrophic cardiomyopathy
hrs | hepatorenal syndrome
hsv | herpesviral
htn | hypertension
htn heart disease | hypertensive heart disease
humeral | humerus
hus | hemolytic uremic syndrome
hx | history
hypercapnic | hypercapnia
hypercapnic respiratory failure | respiratory failure hypercapnia
hypercarbic | hypercapnia
hypoxemic | hypoxia
hypoxemic respiratory failure | respiratory failure hypoxia
hypoxic | hypoxia
hypoxic respiratory failure | respiratory failure hypoxia
hysterectomy | resection uterus
ibd | crohn disease; ulcerative colitis
ibs | irritable bowel syndrome
ic | interstitial cystitis
ich | nontraumatic intracerebral hemorrhage
icm | ischemic cardiomyopathy
ida | iron deficiency anemia
idda | type 1 diabetes mellitus
iddm | type 1 diabetes mellitus
ie | infective endocarditis
ild | interstitial pulmonary disease
inr | coagulation profile
inr elevated | abnormal coagulation profile
insulin use | long term current use insulin
intubation | insertion intraluminal airway trachea
ipf | idiopathic pulmonary fibrosis
irregular heartbeat | cardiac arrhythmia
ischemic stroke | cerebral infarction
itching | pruritus
itp | immune thrombocytopenic purpura
iufd | intrauterine death
iugr | newborn growth; fetal growth
ivdu | substance abuse
jaundice newborn | neonatal jaundice
jia | juvenile arthritis
joint replacement | replacement joint
kidney infection | pyelonephritis; tubulo interstitial nephritis
kidney stone | calculus kidney
knee replacement | replacement knee joint; artificial knee joint
kneecap | patella
l | left
lad | left anterior descending coronary artery
laminectomy | release spinal cord; excision vertebra
lap | percutaneous endoscopic; laparoscopic
laparoscopic | percutaneous endoscopic; laparoscopic
lazy eye | amblyopia
lbbb | left bundle branch block
lbp | low back pain
le edema | localized edema
leg | lower extremity; lower limb; leg
leucocytosis | elevated white blood cell count; leukocytosis
leukocytosis | elevated white blood cell count; leukocytosis
lgib | gastrointestinal hemorrhage
lle | left lower extremity; left lower limb
lobectomy | resection lung lobe
loc | loss consciousness
lock jaw | tetanus
lockjaw | tetanus
long term insulin | long term current use insulin
low blood count | anemia
low blood pressure | hypotension
low blood sugar | hypoglycemia
low calcium | hypocalcemia
low magnesium | hypomagnesemia
low oxygen | hypoxemia
low platelets | thrombocytopenia
low potassium | hypokalemia
low sodium | hyponatremia
low thyroid | hypothyroidism
low white count | decreased white blood cell count; neutropenia
lower gi bleed | gastrointestinal hemorrhage
lue | left upper extremity; left upper limb
lumbar puncture | drainage spinal canal
lung | lung; pulmonary
luts | lower urinary tract symptoms
lvh | cardiomegaly
lymph node biopsy | excision lymphatic diagnostic
lymphadenopathy | enlarged lymph nodes
mastectomy | resection breast
mca | middle cerebral artery
mcl tear | sprain medial collateral ligament
mdd | major depressive disorder
mds | myelodysplastic syndrome
mechanical ventilation | respiratory ventilation
mgus | monoclonal gammopathy
mi | myocardial infarction
mini stroke | transient cerebral ischemic attack
miscarriage | spontaneous abortion
mm | multiple myeloma
mods | severe sepsis; systemic inflammatory response organ dysfunction
mono | infectious mononucleosis
more than 96 hours | greater than 96 consecutive hours
mr | mitral insufficiency
mri | magnetic resonance imaging
mrsa | methicillin resistant staphylococcus aureus
ms | multiple sclerosis
mssa | methicillin susceptible staphylococcus aureus
mva | car collision
mvc | car collision
mvp | mitral prolapse
nafld | fatty change of liver
nash | nonalcoholic steatohepatitis
near sighted | myopia
nearsighted | myopia
nephrectomy | resection kidney
nerve pain | neuralgia
neutropenic fever | neutropenia
nhl | non hodgkin lymphoma
niddm | type 2 diabetes mellitus
non healing ulcer | chronic ulcer
non st elevation mi | nstemi
non st elevation myocardial infarction | nstemi
non stemi | nstemi
nose bleed | epistaxis
nosebleed | epistaxis
nph | normal pressure hydrocephalus
nsclc | malignant neoplasm lung
nstemi | non st elevation nstemi myocardial infarction
nvaf | atrial fibrillation
oa | osteoarthritis
ocd | obsessive compulsive disorder
odd | oppositional defiant disorder
oedema | edema
ohs | obesity alveolar hypoventilation
om | otitis media
orchiectomy | resection testis
orif | reposition internal fixation open
osa | obstructive sleep apnea
oud | opioid dependence
overactive thyroid | hyperthyroidism; thyrotoxicosis
overdose | poisoning
pacemaker insertion | insertion pacemaker
pacs | atrial premature depolarization
pad | peripheral vascular disease
paf | paroxysmal atrial fibrillation
painful urination | dysuria
panic attack | panic disorder
pap smear | screening malignant neoplasm cervix
paracentesis | drainage peritoneal cavity
passed out | syncope
passing out | syncope
pca | posterior cerebral artery
pci | dilation coronary artery
pcm | protein calorie malnutrition
pcos | polycystic ovarian syndrome
pcp pneumonia | pneumocystosis
pda | patent ductus arteriosus
pe | pulmonary embolism
peg | gastrostomy; feeding device stomach
peg placement | insertion feeding device stomach percutaneous
peg status | gastrostomy status
peg tube insertion | insertion feeding device stomach percutaneous
peg tube placement | insertion feeding device stomach percutaneous
pelvic fracture | fracture pelvis
permanent afib | permanent atrial fibrillation
persistent afib | persistent atrial fibrillation
pfo | atrial septal defect; patent foramen ovale
phtn | pulmonary hypertension
picc line | insertion infusion device superior vena cava
pid | pelvic inflammatory disease
piles | hemorrhoids
pimples | acne
pinched nerve | radiculopathy
pink eye | conjunctivitis
pkd | polycystic kidney
pmr | polymyalgia rheumatica
pna | pneumonia
pnd | postnasal drip
post op | postprocedural
postop | postprocedural
postoperative | postprocedural; postoperative
pph | postpartum hemorrhage
ppm | cardiac pacemaker
prbc transfusion | transfusion red blood cells
preeclampsia | pre eclampsia
preemie | preterm newborn
premature baby | preterm newborn
prematurity | preterm newborn
prom | premature rupture membranes
prostatectomy | resection prostate
psvt | supraventricular tachycardia
pt | patient
ptsd | post traumatic stress disorder
ptx | pneumothorax
pud | peptic ulcer
pulled muscle | strain muscle
pulmonary | pulmonary; lung
pvc | ventricular premature depolarization
pvcs | ventricular premature depolarization
pvd | peripheral vascular disease
pyelo | pyelonephritis
r | right
ra | rheumatoid arthritis
radial | radius; radial
rapid heart rate | tachycardia
ras | renal artery atherosclerosis
rbbb | right bundle branch block
rca | right coronary artery
rds newborn | respiratory distress syndrome newborn
renal | renal; kidney
resp | respiratory
rhabdo | rhabdomyolysis
ringing ear | tinnitus
rle | right lower extremity; right lower limb
rls | restless legs syndrome
ros | symptoms
rsv | respiratory syncytial virus
rta | renal tubular acidosis
rue | right upper extremity; right upper limb
runny nose | nasal congestion; rhinorrhea
rvr | atrial fibrillation
sacrum | sacral
sah | nontraumatic subarachnoid hemorrhage
saline | saline; sodium chloride
sbo | intestinal obstruction
sbp | spontaneous bacterial peritonitis
sca | cardiac arrest
scc | squamous cell carcinoma
scd | sickle cell disease
scfe | slipped upper femoral epiphysis
sci | injury spinal cord
sclc | malignant neoplasm lung
screening colonoscopy | screening malignant neoplasm colon
screening mammogram | screening mammogram malignant neoplasm breast
screening pap smear | screening malignant neoplasm cervix
sdh | subdural hemorrhage
second degree heart block | atrioventricular block second degree
septicemia | sepsis; septicemia
shin | tibia; lower leg
shingles | zoster
short breath | shortness breath
shoulder blade | scapula
shoulder replacement | replacement shoulder joint; artificial shoulder joint
si | suicidal ideations
siadh | inappropriate secretion antidiuretic hormone
sickle cell | sickle cell; hb ss
sickle cell crisis | hb ss disease crisis
sinus infection | sinusitis
sirs | systemic inflammatory response syndrome
sjs | stevens johnson syndrome
sle | systemic lupus erythematosus
sleep walking | sleepwalking
slipped disc | disc displacement
slipped disk | disc displacement
slow heart rate | bradycardia
sma | spinal muscular atrophy
smoker | nicotine dependence
smoking | nicotine dependence; tobacco use
snake bite | toxic effect snake venom
sob | shortness breath
sore throat | pharyngitis; throat pain
spinal | spinal; vertebra
spinal fusion | fusion vertebral joint
spine | spine; vertebra
spinning | vertigo
splenectomy | resection spleen
sscp | chest pain
ssi | infection following a procedure surgical site
sss | sick sinus syndrome
std | sexually transmitted
stemi inferior | st elevation stemi myocardial infarction inferior wall
stent coronary | dilation coronary artery intraluminal device
steroid use | long term current use systemic steroids
stomach | stomach; gastric
stomach ache | abdominal pain
stomach flu | gastroenteritis; viral intestinal infection
stomach pain | abdominal pain
stomach ulcer | gastric ulcer
stone kidney | calculus kidney
stone ureter | calculus ureter
strep throat | streptococcal pharyngitis
stroke | cerebral infarction
subarachnoid hemorrhage | nontraumatic subarachnoid hemorrhage
sugar diabetes | diabetes mellitus
suicidal | suicidal ideations
svt | supraventricular tachycardia
swallowing difficulty | dysphagia
swelling leg | localized edema; edema lower extremity
swollen ankle | localized edema; effusion ankle
swollen glands | enlarged lymph nodes
swollen leg | localized edema; edema lower extremity
sz | seizure; convulsions
t1dm | type 1 diabetes mellitus
t2dm | type 2 diabetes mellitus
tah | resection uterus
tail bone | coccyx
tailbone | coccyx
takotsubo | takotsubo syndrome
tb | tuberculosis
tbi | intracranial injury
tear rotator cuff | rotator cuff tear
tee | ultrasonography heart transesophageal
tennis elbow | lateral epicondylitis
tha | replacement hip joint
thigh | thigh; femur
thigh bone | femur
third degree heart block | atrioventricular block complete
thoracentesis | drainage pleural cavity
thr | replacement hip joint
thrombotic stroke | cerebral infarction thrombosis
throw up | vomiting
throwing up | vomiting
thyroidectomy | resection thyroid
tia | transient cerebral ischemic attack
tibial | tibia
tired | fatigue
tka | replacement knee joint
tkr | replacement knee joint
tmj | temporomandibular joint
tof | tetralogy fallot
tonsillectomy | resection tonsils
tooth ache | dental caries; toothache
toothache | dental pain; disorder teeth
torn acl | sprain anterior cruciate ligament
torn meniscus | tear meniscus
total hip replacement | replacement hip joint
total knee replacement | replacement knee joint
tracheostomy | bypass trachea cutaneous; tracheostomy
trouble breathing | dyspnea
trouble sleeping | insomnia
tsh | thyroid
ttp | thrombotic thrombocytopenic purpura
tubal ligation | occlusion fallopian tubes
tummy | abdominal
tumor | neoplasm
twins | twin pregnancy
twisted ankle | sprain ankle
uc | ulcerative colitis
ugi | gastrointestinal
ugib | gastrointestinal hemorrhage
ulnar | ulna; ulnar
underactive thyroid | hypothyroidism
upper gi bleed | gastrointestinal hemorrhage
uri | acute upper respiratory infection
urosepsis | sepsis
uti | urinary tract infection
vaccine | vaccine; vac
vap | ventilator associated pneumonia
varicose vein leg | varicose veins lower extremity
vent | ventilation; ventilator
vfib | ventricular fibrillation
volume depletion | volume depletion; dehydration
vre | vancomycin resistance enterococcus
vsd | ventricular septal defect
vt | ventricular tachycardia
vtach | ventricular tachycardia
vte | embolism thrombosis
vzv | varicella zoster
walking pneumonia | mycoplasma pneumonia
warfarin use | long term current use anticoagulants
wart | viral wart
water on brain | hydrocephalus
weak | weakness
weight gain | abnormal weight gain
weight loss | abnormal weight loss
whiplash | sprain ligaments cervical spine
whooping cough | whooping cough; pertussis
womb | uterus
worn joint | osteoarthritis
wound infection | infection wound
wpw | pre excitation syndrome
yeast infection | candidiasis
yellow skin | jaundice
"""


def _read() -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    found = {}
    for line in _TABLE.strip().splitlines():
        typed, _, meanings = line.partition("|")
        each = (telling(words_of(one)) for one in meanings.split(";"))
        found[tuple(map(stem, telling(words_of(typed))))] = tuple(tuple(words) for words in each if words)
    return found


#: the stems of what is typed -> the words of the tabular list that are looked for as well, one way or another
SYNONYMS: Mapping[tuple[str, ...], tuple[tuple[str, ...], ...]] = _read()
