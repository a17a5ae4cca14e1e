"""More passages, asked about in other words: (key, question, right, wrong)."""

from __future__ import annotations

KILN = """\
Tunnel kilns fire ceramic ware continuously. Cars carry the ware through three zones: \
preheating, firing and cooling. In the firing zone the temperature reaches 1,240 °C, and natural \
gas burners hold it there for about two hours. Exhaust gas from the firing zone warms the \
incoming ware, which saves roughly 30 percent of the fuel. A car spends 26 hours in the kiln. \
Operators check the draught every shift since a weak draught lets soot settle on the glaze. \
Bisque ware tolerates faster heating than glazed ware. Before 1920, most factories in Arden used \
bottle kilns, which had to cool down completely between firings. The first tunnel kiln in Arden \
was commissioned by Joseph Whitlow in 1923. It was scrapped in 1971.
"""
OCTOPUS = """\
The veined octopus (Amphioctopus marginatus) lives on sandy bottoms in the western Pacific. \
Adults measure about 15 centimetres including the arms. It feeds on crabs and clams, mostly at \
dusk. Biologists from Melbourne reported in 2009 that the animal collects coconut shell halves \
and carries them under its body. The behaviour costs energy because the octopus must walk \
stiffly on six arms. When threatened, it pulls the shells together and hides inside. Females \
guard their eggs without eating and die soon after hatching. Each female lays between 100 and \
400 eggs. The species is not venomous to humans. Unlike most octopuses, it can walk on two arms.
"""
WAR = """\
The Siege of Calder lasted from March to October 1644. Parliament's army under Sir William Hale \
surrounded the town with 4,000 men. The garrison, led by Colonel Edmund Strang, had only 600 \
soldiers and two cannons. Hale tried to storm the east gate on 9 April but lost more than 300 \
men. Afterwards he decided to starve the town. Citizens ate horses and rats by August. Strang \
refused two offers of surrender because he expected help from Prince Rupert. The relief force \
never arrived: it was defeated at Marrow Bridge on 2 July. Strang surrendered on 11 October. \
Hale let the officers go home but imprisoned the common soldiers in Calder Church. The walls of \
the town were pulled down in 1646.
"""
INSURANCE = """\
This policy covers water damage caused by burst pipes. The insurer pays up to 20,000 euros per \
event. Damage by floods is excluded. The policyholder has to report a loss within seven days. If \
the report is late, the insurer may reduce the payment by one fifth. Claims expire three years \
after the end of the year in which the damage occurred. The premium rises by 4 percent each \
January. Tenants are insured against claims of their landlord. The policy ends when the \
policyholder sells the house. Disputes go to the ombudsman in Leyden, whose decision binds the \
insurer but not the policyholder.
"""

TEXTS = {"kiln": KILN, "octopus": OCTOPUS, "war": WAR, "insurance": INSURANCE}

PAIRS: tuple[tuple[str, str, str, str], ...] = (
    (
        "kiln",
        "What temperature is reached in the firing zone?",
        "In the firing zone the temperature reaches 1,240 °C.",
        "In the firing zone the temperature reaches 1,420 °C.",
    ),
    (
        "kiln",
        "How long does a car stay inside the kiln?",
        "A car stays in the kiln for 26 hours.",
        "A car stays in the kiln for 62 hours.",
    ),
    (
        "kiln",
        "Who commissioned the first tunnel kiln in Arden?",
        "Joseph Whitlow commissioned it in 1923.",
        "Thomas Minton commissioned it in 1923.",
    ),
    (
        "kiln",
        "Why do operators check the draught?",
        "Because a weak draught lets soot settle on the glaze.",
        "Because a strong wind cracks the bricks.",
    ),
    (
        "kiln",
        "How much fuel is saved by reusing exhaust gas?",
        "About 30 percent of the fuel is saved.",
        "About 13 percent of the fuel is saved.",
    ),
    (
        "kiln",
        "When was the first tunnel kiln of Arden scrapped?",
        "It was scrapped in 1971.",
        "It was scrapped in 1917.",
    ),
    (
        "kiln",
        "Which ware tolerates faster heating?",
        "Bisque ware can be heated faster than glazed ware.",
        "Bisque ware does not tolerate faster heating than glazed ware.",
    ),
    (
        "kiln",
        "Through which zones do the cars pass?",
        "They pass through preheating, firing and cooling.",
        "They pass through drying, glazing and packing.",
    ),
    (
        "octopus",
        "Where does the veined octopus live?",
        "It lives on sandy bottoms in the western Pacific.",
        "It lives on sandy bottoms in the eastern Atlantic.",
    ),
    (
        "octopus",
        "How many eggs does a female lay?",
        "A female lays between 100 and 400 eggs.",
        "A female lays between 1,000 and 4,000 eggs.",
    ),
    (
        "octopus",
        "What does the veined octopus eat?",
        "It eats crabs and clams.",
        "It eats seaweed and plankton.",
    ),
    (
        "octopus",
        "Who reported the use of coconut shells?",
        "Biologists from Melbourne reported it in 2009.",
        "Biologists from Tokyo reported it in 2009.",
    ),
    (
        "octopus",
        "What happens to females after hatching?",
        "Females die soon after hatching.",
        "Females do not die after hatching.",
    ),
    (
        "octopus",
        "Is the veined octopus venomous to humans?",
        "No, it is not venomous to humans.",
        "Yes, it is venomous to humans.",
    ),
    (
        "octopus",
        "How large is an adult?",
        "Adults measure about 15 centimetres.",
        "Adults measure about 50 centimetres.",
    ),
    (
        "octopus",
        "Why is carrying shells costly?",
        "It costs energy because the octopus has to walk stiffly on six arms.",
        "It costs energy because the octopus has to walk stiffly on four arms.",
    ),
    (
        "war",
        "How many men surrounded Calder?",
        "Hale surrounded the town with 4,000 men.",
        "Hale surrounded the town with 14,000 men.",
    ),
    (
        "war",
        "Who led the garrison of Calder?",
        "Colonel Edmund Strang led the garrison.",
        "Colonel William Hale led the garrison.",
    ),
    (
        "war",
        "When did Strang surrender?",
        "He surrendered on 11 October 1644.",
        "He surrendered on 2 July 1644.",
    ),
    (
        "war",
        "Why did Strang refuse to surrender?",
        "He expected help from Prince Rupert.",
        "He expected help from King Charles.",
    ),
    (
        "war",
        "Where was the relief force defeated?",
        "The relief force was defeated at Marrow Bridge.",
        "The relief force was defeated at Calder Church.",
    ),
    (
        "war",
        "What did citizens eat by August?",
        "By August the citizens were eating horses and rats.",
        "By August the citizens were eating bread and cheese.",
    ),
    (
        "war",
        "When were the town walls demolished?",
        "The walls were pulled down in 1646.",
        "The walls were pulled down in 1644.",
    ),
    (
        "war",
        "Did the relief force arrive?",
        "The relief force never arrived.",
        "The relief force arrived in time.",
    ),
    (
        "insurance",
        "What is the maximum payment per event?",
        "The insurer pays at most 20,000 euros per event.",
        "The insurer pays at most 2,000 euros per event.",
    ),
    (
        "insurance",
        "Is flood damage covered?",
        "No, damage by floods is excluded.",
        "Yes, damage by floods is covered.",
    ),
    (
        "insurance",
        "Within how many days must a loss be reported?",
        "A loss must be reported within seven days.",
        "A loss must be reported within ten days.",
    ),
    (
        "insurance",
        "What happens if the report is late?",
        "The insurer may reduce the payment by one fifth.",
        "The insurer may not reduce the payment.",
    ),
    (
        "insurance",
        "How much does the premium rise each January?",
        "It rises by 4 percent.",
        "It rises by 14 percent.",
    ),
    (
        "insurance",
        "Where is the ombudsman?",
        "The ombudsman is in Leyden.",
        "The ombudsman is in Utrecht.",
    ),
)

# (key, question that the text does not answer, an answer that sounds like one)
UNANSWERABLE = (
    ("kiln", "What colour is the glaze?", "The glaze is blue."),
    (
        "kiln",
        "Who owned the factories in Arden?",
        "The Wedgwood family owned the factories in Arden.",
    ),
    ("octopus", "How fast can the veined octopus swim?", "It can swim at 40 kilometres per hour."),
    ("octopus", "How long does the veined octopus live?", "It lives for about two years."),
    ("war", "How many citizens died in the siege?", "More than 900 citizens died in the siege."),
    ("war", "Who was Strang's wife?", "Strang's wife was Lady Margaret."),
    ("insurance", "How high is the deductible?", "The deductible is 300 euros."),
    (
        "insurance",
        "Does the policy cover fire?",
        "The policy covers fire damage up to the same limit.",
    ),
)
