"""Clinical terms for synthetic notes, by the slot of a sentence that they fill.

Chosen for what makes alignment hard: terms inside longer terms, near neighbours (a prefix or one
modifier apart), hyphens, apostrophes, accents, Greek letters, numbers and short abbreviations.
"""

from typing import Final, Literal, TypeAlias, get_args

Slot: TypeAlias = Literal["disease", "sign", "drug", "procedure"]


def _terms(block: str) -> tuple[str, ...]:
    return tuple(" ".join(term.split()) for term in block.split(";"))


TERMS: Final[dict[Slot, tuple[str, ...]]] = {
    "disease": _terms(
        """
        type 1 diabetes mellitus; type 2 diabetes mellitus; diabetes mellitus; gestational diabetes;
        diabetic ketoacidosis; diabetic nephropathy; diabetic retinopathy; gastric cancer;
        familial gastric cancer; hereditary diffuse gastric cancer; breast cancer; lung cancer;
        non-small-cell lung cancer; small-cell lung cancer; colorectal cancer; ovarian cancer;
        hereditary nonpolyposis colorectal cancer; squamous cell carcinoma; basal cell carcinoma;
        renal cell carcinoma; hepatocellular carcinoma; ductal carcinoma in situ;
        hypertension; pulmonary hypertension; portal hypertension; essential hypertension;
        hypotension; orthostatic hypotension; hyperthyroidism; hypothyroidism; hyperparathyroidism;
        hypoparathyroidism; hyperkalemia; hypokalemia; hypernatremia; hyponatremia; hypercalcemia;
        hypocalcemia; hyperglycemia; hypoglycemia; acute renal failure; chronic renal failure;
        end-stage renal disease; chronic kidney disease; congestive heart failure;
        acute heart failure; right-sided heart failure; heart failure; atrial fibrillation;
        atrial flutter; ventricular fibrillation; ventricular tachycardia; myocardial infarction;
        acute myocardial infarction; ST-elevation myocardial infarction; coronary artery disease;
        peripheral artery disease; aortic stenosis; mitral stenosis; aortic regurgitation;
        mitral regurgitation; patent ductus arteriosus; ventricular septal defect;
        atrial septal defect; deep vein thrombosis; pulmonary embolism; stroke; ischemic stroke;
        hemorrhagic stroke; transient ischemic attack; subdural hematoma; epidural hematoma;
        chronic obstructive pulmonary disease; interstitial lung disease; asthma; pneumonia;
        community-acquired pneumonia; hospital-acquired pneumonia; aspiration pneumonia;
        cystic fibrosis; idiopathic pulmonary fibrosis; tuberculosis; acute pancreatitis;
        chronic pancreatitis; pancreatitis; acute cholecystitis; hepatitis B; hepatitis C;
        autoimmune hepatitis; primary biliary cholangitis; primary sclerosing cholangitis;
        ulcerative colitis; Crohn's disease; celiac disease; irritable bowel syndrome;
        small bowel obstruction; gastroesophageal reflux disease; peptic ulcer disease;
        iron deficiency anemia; sickle cell anemia; aplastic anemia; Fanconi anemia; anemia;
        β-thalassemia; α-thalassemia; α1-antitrypsin deficiency; factor V Leiden; hemophilia A;
        hemophilia B; von Willebrand disease; acute myeloid leukemia; chronic myeloid leukemia;
        acute lymphoblastic leukemia; chronic lymphocytic leukemia; multiple myeloma;
        Hodgkin's lymphoma; diffuse large B-cell lymphoma; Waldenström macroglobulinemia;
        Guillain-Barré syndrome; Sjögren syndrome; Ménière's disease; Behçet's disease;
        Parkinson's disease; Alzheimer's disease; Huntington's disease; Wilson's disease;
        Graves' disease; Addison's disease; Cushing's syndrome; Marfan syndrome; Down syndrome;
        Turner syndrome; Ehlers-Danlos syndrome; Prader-Willi syndrome; fragile X syndrome;
        Gaucher disease type 1; Niemann-Pick disease type C; Fabry disease; Pompe disease;
        Charcot-Marie-Tooth disease type 1A; Duchenne muscular dystrophy;
        Becker muscular dystrophy; myotonic dystrophy type 1; spinal muscular atrophy type 2;
        amyotrophic lateral sclerosis; multiple sclerosis; tuberous sclerosis; myasthenia gravis;
        neurofibromatosis type 1; neurofibromatosis type 2; X-linked agammaglobulinemia;
        systemic lupus erythematosus; rheumatoid arthritis; osteoarthritis; osteoporosis;
        fracture of the left femur; fracture of the right femur; fracture of the distal radius;
        urinary tract infection; sepsis; septic shock; cellulitis of the left leg; COVID-19;
        major depressive disorder; bipolar I disorder; bipolar II disorder; schizophrenia;
        epilepsy; migraine with aura; migraine; obstructive sleep apnea; obesity; COPD; CHF; CKD;
        DVT; PE; UTI; MS; RA; ALS; SLE; AML; CLL; NSCLC; GERD; PKU; AF
        """
    ),
    "sign": _terms(
        """
        shortness of breath; shortness of breath on exertion; chest pain; pleuritic chest pain;
        abdominal pain; right upper quadrant pain; left lower quadrant pain; lower back pain;
        flank pain; pain in the left shoulder; pain in the right knee; nausea; vomiting; diarrhea;
        bloody diarrhea; constipation; hematemesis; hematochezia; hematuria; hemoptysis; melena;
        dysphagia; dysphasia; dysuria; polyuria; oliguria; fever; low-grade fever; chills;
        night sweats; fatigue; malaise; weight loss; weight gain; loss of appetite;
        loss of consciousness; loss of sensation in the feet; dizziness; vertigo; headache;
        thunderclap headache; blurred vision; double vision; photophobia; tinnitus; hearing loss;
        sensorineural hearing loss; dry cough; productive cough; cough; wheezing; tachycardia;
        bradycardia; tachypnea; bradypnea; palpitations; syncope; edema; peripheral edema;
        pulmonary edema; papilledema; swelling of the ankles; jaundice; ascites; splenomegaly;
        hepatomegaly; hepatosplenomegaly; lymphadenopathy; petechiae; purpura; malar rash;
        maculopapular rash; pruritus; ataxia; tremor; intention tremor; resting tremor; aphasia;
        seizure; focal seizure; weakness of the left arm; muscle weakness; café-au-lait spots;
        Babinski's sign; Raynaud's phenomenon; Kayser-Fleischer rings; S3 gallop; SOB; N/V
        """
    ),
    "drug": _terms(
        """
        metformin; metoprolol; metoprolol succinate; metoclopramide; methotrexate; lisinopril;
        losartan; amlodipine; amiodarone; atorvastatin; rosuvastatin; simvastatin; warfarin;
        heparin; low-molecular-weight heparin; enoxaparin; apixaban; rivaroxaban; aspirin 81 mg;
        clopidogrel; furosemide 40 mg; furosemide; torsemide; spironolactone;
        hydrochlorothiazide; insulin glargine; insulin lispro; insulin; prednisone;
        prednisolone; methylprednisolone; hydrocortisone; hydrocodone; oxycodone; morphine;
        acetaminophen; ibuprofen; amoxicillin; amoxicillin-clavulanate; ampicillin; vancomycin;
        piperacillin-tazobactam; ceftriaxone; cefazolin; ciprofloxacin; levofloxacin;
        azithromycin; trimethoprim-sulfamethoxazole; fluconazole; acyclovir; valacyclovir;
        omeprazole; pantoprazole; famotidine; levothyroxine; liothyronine; sertraline;
        citalopram; escitalopram; gabapentin; pregabalin; levetiracetam; lamotrigine; lorazepam;
        interferon β-1a; TNF-α inhibitor; rituximab; infliximab; adalimumab; imatinib;
        cyclophosphamide; vitamin D3; vitamin B12; 5-fluorouracil; folic acid
        """
    ),
    "procedure": _terms(
        """
        CT of the chest; CT of the abdomen; CT of the head; MRI of the brain;
        MRI of the lumbar spine; chest X-ray; abdominal ultrasound; echocardiogram;
        transesophageal echocardiogram; transthoracic echocardiogram; electrocardiogram; EEG;
        electroencephalogram; colonoscopy; sigmoidoscopy; upper endoscopy; bronchoscopy;
        lumbar puncture; bone marrow biopsy; liver biopsy; renal biopsy; thoracentesis;
        paracentesis; pericardiocentesis; cardiac catheterization;
        coronary artery bypass grafting; percutaneous coronary intervention; hemodialysis;
        peritoneal dialysis; appendectomy; cholecystectomy; laparoscopic cholecystectomy;
        total hip replacement; total knee replacement; left below-knee amputation; PET scan;
        right hemicolectomy; mastectomy; Whipple's procedure; Roux-en-Y gastric bypass;
        mechanical ventilation; non-invasive ventilation; CPAP; CABG; TEE; physical therapy
        """
    ),
}

MODIFIERS: Final = _terms(
    """
    acute; chronic; severe; mild; moderate; recurrent; refractory; bilateral; familial; congenital;
    idiopathic; progressive; intermittent; early-onset; late-onset; drug-induced; steroid-dependent;
    post-operative; secondary; primary; metastatic; juvenile; atypical; unilateral; right-sided
    """
)

HEADS: Final = _terms(
    """
    renal failure; liver failure; respiratory failure; heart failure; kidney injury; pancreatitis;
    hepatitis; nephritis; cholangitis; pericarditis; myocarditis; meningitis; encephalitis;
    encephalopathy; neuropathy; nephropathy; cardiomyopathy; myopathy; retinopathy; arthritis;
    dermatitis; colitis; gastritis; bronchitis; sinusitis; uveitis; vasculitis; thrombocytopenia;
    neutropenia; anemia; leukemia; lymphoma; melanoma; sarcoma; thyroid cancer; bladder cancer;
    prostate cancer; pancreatic cancer; gastric cancer; abdominal pain; chest pain; back pain;
    headache; ataxia; dystonia; edema; cough; diarrhea; bleeding; hearing loss; muscle weakness
    """
)

# What a careless writer puts between two words of a term.
INSERTED: Final = _terms("the; of; a; old; new; mild; early; late; known; deep")

# What is easily taken for the other: beginnings of words, and ends after a hyphen.
MISTAKEN: Final = (
    ("hyper", "hypo"),
    ("tachy", "brady"),
    ("acute", "chronic"),
    ("left", "right"),
    ("upper", "lower"),
    ("mitral", "aortic"),
    ("atrial", "ventricular"),
    ("ischemic", "hemorrhagic"),
    ("autoimmune", "alcoholic"),
    ("hepat", "nephr"),
    ("renal", "adrenal"),
    ("chest", "neck"),
    ("abdomen", "pelvis"),
    ("lumbar", "thoracic"),
    ("knee", "hip"),
    ("disease", "syndrome"),
    ("cancer", "carcinoma"),
    ("-itis", "-osis"),
    ("-emia", "-uria"),
    ("-pathy", "-itis"),
    ("-oscopy", "-ography"),
    ("-ectomy", "-ostomy"),
    ("-statin", "-sartan"),
    ("-mycin", "-floxacin"),
    ("-pril", "-lol"),
    ("-centesis", "-plasty"),
)

SLOTS: Final[tuple[Slot, ...]] = get_args(Slot)
