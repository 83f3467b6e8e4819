"""Fictional names; any likeness to real people is chance."""

import numpy as np
from numpy.typing import NDArray

from edupulse_core.demo.population import RACES

_GIRLS = {
    "any": "Emma Olivia Ava Sophia Isabella Mia Charlotte Amelia Harper Evelyn Abigail Emily Ella "
    "Avery Grace Chloe Lily Hannah Nora Zoe Stella Lucy Anna Claire Ruby Alice Sadie Eva Naomi "
    "Madelyn Piper Quinn Rose Julia Leah Violet Hazel Aurora Paige Brooke Molly Tessa Ivy Maeve",
    "hispanic": "Camila Valentina Ximena Luciana Mariana Daniela Gabriela Elena Sofia Ana Lucia "
    "Maria Alejandra Paola Renata Jimena Catalina Carmen Rosa Isabel Ariana Marisol Yesenia Noemi",
    "black": "Aaliyah Imani Nia Jada Kiara Zuri Amara Deja Tiana Ebony Aniyah Makayla Janelle "
    "Simone Kamryn Destiny Nyla Serenity Skylar Laila Brielle Monique Ayana Raven",
    "asian": "Mei Priya Ananya Linh Aiko Yuna Hana Saanvi Divya Jia Thuy Mina Kavya Rina Sakura "
    "Leilani Noor Aisha Fatima Lan Suki Nisha Meera Jasmine",
}
_BOYS = {
    "any": "Liam Noah Oliver Elijah James William Benjamin Lucas Henry Theodore Jack Levi Owen "
    "Daniel Samuel Wyatt John Luke Isaac Caleb Nathan Ryan Adrian Miles Eli Nolan Aaron Charles "
    "Thomas Connor Cameron Hunter Adam Jason Ian Austin Parker Cole Gavin Max Silas Reid Emmett",
    "hispanic": "Mateo Santiago Diego Sebastian Alejandro Leonardo Emiliano Angel Gabriel Carlos "
    "Luis Jose Juan Miguel Javier Rafael Andres Joaquin Cesar Marco Emilio Hector Ruben Ivan",
    "black": "Malik Jaylen Darius Xavier Isaiah Elijah Jamal Khalil Marcus Andre Terrell Amari "
    "DeShawn Kofi Tyrese Josiah Micah Jordan Kareem Zaire Donovan Malachi Omari Kwame",
    "asian": "Arjun Wei Minh Kenji Rohan Jun Aarav Hiro Vikram Tuan Jin Ravi Kai Haruto Dev "
    "Omar Yusuf Bao Sanjay Min Akash Ren Imran Hao",
}
_FAMILIES = {
    "any": "Smith Johnson Miller Davis Wilson Anderson Taylor Thomas Moore Martin Thompson White "
    "Clark Lewis Robinson Walker Young Allen King Wright Hill Scott Green Adams Nelson Baker Hall "
    "Campbell Mitchell Carter Roberts Phillips Evans Turner Parker Collins Edwards Stewart Morris "
    "Murphy Cook Rogers Reed Bailey Cooper Kelly Howard Cox Ward Peterson Gray Watson Brooks "
    "Bennett Wood Ross Henderson Hughes Foster Sullivan Novak Kowalski Schmidt Larsen Rossi OBrien",
    "hispanic": "Garcia Rodriguez Martinez Hernandez Lopez Gonzalez Perez Sanchez Ramirez Torres "
    "Flores Rivera Gomez Diaz Cruz Morales Reyes Gutierrez Ortiz Chavez Ramos Ruiz Alvarez Mendoza "
    "Vasquez Castillo Jimenez Moreno Romero Herrera Medina Aguilar Vargas Guzman Salazar Delgado",
    "black": "Williams Brown Jones Jackson Harris Robinson Washington Jefferson Coleman Jenkins "
    "Banks Booker Freeman Hayes Simmons Bryant Alexander Griffin Hamilton Graham Wallace Woods "
    "West Owens Dixon Okafor Mensah Diallo Bekele Adeyemi Gaines Bishop Fields Dorsey Tate Rhodes",
    "asian": "Nguyen Kim Patel Chen Tran Lee Wang Singh Li Pham Park Le Shah Yang Wu Choi Huang "
    "Kumar Khan Lin Zhang Ali Tanaka Sato Gupta Reddy Santos Cruz Bautista Vang Xiong Sharma "
    "Rahman Ahmed Ito Mori",
}
_CULTURE = {"white": "any", "hispanic": "hispanic", "black": "black", "asian": "asian"}
SCHOOLS = (
    "Maple Grove,Riverbend,Northgate,Cedar Hill,Lakeview,Oak Park,Sunnyside,Fairmont,Willow Creek,"
    "Highland,Brookside,Stonebridge,Pine Ridge,Harbor,Meadowlark,Summit,Elmwood,Prairie View,"
    "Westfield,Clearwater,Ashford,Birchwood,Copper Canyon,Eagle Rock,Foxglove,Granite Falls"
).split(",")


def _table(lists: dict[str, str], culture: str) -> list[str]:
    own = lists[culture].split()
    return own if culture == "any" else own + lists["any"].split()[::3]


def full_names(
    race: NDArray[np.int8], is_female: NDArray[np.bool_], rng: np.random.Generator
) -> list[tuple[str, str]]:
    """Draw a given and a family name for each person."""
    picks = rng.random((2, len(race)))
    names = []
    for r, female, given, family in zip(race, is_female, *picks, strict=True):
        culture = _CULTURE.get(RACES[r], "any")
        givens = _table(_GIRLS if female else _BOYS, culture)
        families = _table(_FAMILIES, culture)
        names.append((givens[int(given * len(givens))], families[int(family * len(families))]))
    return names


class Usernames:
    """Gives each username to one person only."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def make(self, given: str, family: str) -> str:
        """First.last, with a number for the second person of that name and later ones."""
        name = f"{given}.{family}".lower()
        number = self._taken[name] = self._taken.get(name, 0) + 1
        return name if number == 1 else f"{name}{number}"


def school_name(group: int, kind_name: str) -> str:
    """A name for a school; adds a compass point when the names run out."""
    turn, place = divmod(group, len(SCHOOLS))
    prefix = ("", "North ", "South ", "East ", "West ", "Upper ", "Lower ", "New ")[min(turn, 7)]
    suffix = f" {turn - 6}" if turn > 7 else ""
    return f"{prefix}{SCHOOLS[place]} {kind_name}{suffix}"
